using System.Buffers;
using System.Globalization;
using System.Text;
using Postrider.Mime.Conversion;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;

namespace Postrider.Tests.Smtp.Client;

/// <summary>
/// What is relayed is one message to a server that ends the data at CR LF dot CR LF and nowhere else, whatever stands in the
/// content; and by DATA it holds no line end that another server could read differently.
/// </summary>
public sealed class SmugglingOutTests
{
    private const string Smuggled = ".\r\nMAIL FROM:<smuggled@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nforged\r\n.\r\n";

    [Fact]
    public void No_permutation_of_line_ends_dots_and_NUL_ends_the_data_or_the_chunk_too_early()
    {
        ReadOnlySpan<char> alphabet = ['\r', '\n', '.', '\0'];
        var (byData, converted) = (0, 0);
        for (var length = 0; length <= 6; length++)
        {
            for (var n = 0; n < 1 << (2 * length); n++)
            {
                var disguise = new char[length];
                for (var i = 0; i < length; i++)
                    disguise[i] = alphabet[n >> (2 * i) & 3];
                var content = "x: y\r\n\r\n" + new string(disguise) + Smuggled;
                CheckChunks(content, n);
                // What is taken as lines goes as lines; all else is BINARYMIME, which goes by DATA in another form alone.
                if (!HasBare(content))
                {
                    CheckData(content, n);
                    byData++;
                }
                if (Converted(content) is not { } other)
                    continue;
                Assert.False(HasBare(other) || other.Contains('\0', StringComparison.Ordinal), other);
                CheckData(other, n);
                converted++;
            }
        }
        Assert.InRange(byData, 100, int.MaxValue);
        Assert.InRange(converted, 5000, int.MaxValue);
    }

    private static void CheckData(string content, int seed)
    {
        var wire = Frame(new DataFraming(), content, seed);
        // The oracle knows nothing of states: lines end with CR LF, a line of one dot ends the data, another dot before a line goes.
        var lines = wire.Split("\r\n");
        Assert.Equal(lines.Length - 2, Array.IndexOf(lines, "."));
        Assert.Equal("", lines[^1]);
        var read = string.Concat(lines[..^2].Select(static line => (line.StartsWith('.') ? line[1..] : line) + "\r\n"));
        Assert.Equal(content.EndsWith("\r\n", StringComparison.Ordinal) ? content : content + "\r\n", read);
    }

    private static void CheckChunks(string content, int seed)
    {
        var wire = Frame(Chunks(), content, seed);
        // The oracle reads sizes, and nothing in the octets.
        var read = new StringBuilder();
        var isLast = false;
        while (wire.Length > 0)
        {
            Assert.False(isLast);
            var end = wire.IndexOf("\r\n", StringComparison.Ordinal);
            var words = wire[..end].Split(' ');
            Assert.Equal("BDAT", words[0]);
            var size = int.Parse(words[1], CultureInfo.InvariantCulture);
            isLast = words is [_, _, "LAST"];
            read.Append(wire, end + 2, size);
            wire = wire[(end + 2 + size)..];
        }
        Assert.True(isLast);
        Assert.Equal(content, read.ToString());
    }

    private static BodyFraming Chunks()
    {
        var envelope = new Envelope { ReversePath = ReversePath.Null, Recipients = [new EnvelopeRecipient(new Mailbox("b", "example.org"))], Body = BodyType.BinaryMime };
        return new ChunkingClientExtension().Frame(new ClientTransaction(envelope, 0, false, new ClientSettings { HelloName = "client.example" }), peer: null!)!;
    }

    private static string Frame(BodyFraming framing, string content, int seed)
    {
        var octets = Encoding.Latin1.GetBytes(content);
        var wire = new StringBuilder();
        for (var at = 0; at < octets.Length;)
        {
            var length = Math.Min((seed + at) % 13 + 1, octets.Length - at);
            var buffer = new byte[framing.BufferFor(length)];
            octets.AsSpan(at, length).CopyTo(buffer.AsSpan(framing.HeadLength));
            at += length;
            wire.Append(Encoding.Latin1.GetString(buffer[framing.Frame(buffer, length, isLast: at == octets.Length)]));
        }
        return wire.ToString();
    }

    // As it goes to a server that takes neither 8-bit nor binary content; null where it does not go.
    private static string? Converted(string content)
    {
        var octets = Encoding.Latin1.GetBytes(content);
        var form = new ContentForm(EightBit: false, Utf8Header: false);
        var plan = new ConversionPlan(form);
        plan.Examine(octets);
        plan.End();
        if (plan.Fault is not null)
            return null;
        var output = new ArrayBufferWriter<byte>();
        var converter = new ContentConverter(plan, form, output);
        converter.Convert(octets);
        converter.End();
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }

    private static bool HasBare(string content) => content.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');
}
