using System.Text;
using Postrider.Conformance.Dialogues;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Smtp.Server;

/// <summary>
/// Whatever stands in content, what is behind it is a command only after CR LF dot CR LF, and no message
/// that is accepted holds a line end that another server could read differently.
/// </summary>
public sealed class SmugglingTests
{
    private const string Smuggled = "MAIL FROM:<smuggled@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nforged\r\n.\r\n";

    private static readonly ServerSettings settings = new() { Hostname = "mx.example.org" };

    [Fact]
    public void No_permutation_of_line_ends_dots_and_NUL_smuggles_a_command()
    {
        ReadOnlySpan<char> alphabet = ['\r', '\n', '.', '\0'];
        for (var length = 1; length <= 6; length++)
        {
            for (var n = 0; n < 1 << (2 * length); n++)
            {
                var disguise = new char[length];
                for (var i = 0; i < length; i++)
                    disguise[i] = alphabet[n >> (2 * i) & 3];
                Check("x" + new string(disguise) + Smuggled);
            }
        }
    }

    // The oracle for chunks is their length, and nothing in them.
    [Fact]
    public void No_permutation_of_line_ends_dots_and_NUL_smuggles_a_command_out_of_a_chunk()
    {
        ReadOnlySpan<char> alphabet = ['\r', '\n', '.', '\0'];
        for (var n = 0; n < 1 << 12; n++)
        {
            var disguise = new char[6];
            for (var i = 0; i < disguise.Length; i++)
                disguise[i] = alphabet[n >> (2 * i) & 3];
            var content = "x: y\r\n\r\n" + new string(disguise) + Smuggled;
            foreach (var isBinary in (bool[])[false, true])
                CheckChunks(content, cut: n % content.Length, isBinary);
        }
    }

    private static void CheckChunks(string content, int cut, bool isBinary)
    {
        var driver = new SessionDriver(settings, new ScriptedPolicy());
        driver.Feed(Encoding.Latin1.GetBytes($"EHLO c\r\nMAIL FROM:<a@example.com>{(isBinary ? " BODY=BINARYMIME" : "")}\r\nRCPT TO:<b@example.org>\r\n"));
        driver.Feed(Encoding.Latin1.GetBytes($"BDAT {cut}\r\n{content[..cut]}BDAT {content.Length - cut} LAST\r\n{content[cut..]}"));
        var said = driver.TranscriptLength;
        driver.Feed("NOOP\r\n"u8);

        Assert.Equal("250 2.0.0 OK\r\n", driver.Transcript[said..]);
        var isTaken = isBinary || !content.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');
        Assert.Equal(isTaken ? 1 : 0, driver.Messages.Count);
        Assert.Equal(isTaken ? content : "", string.Concat(driver.Messages.Select(message => Encoding.Latin1.GetString(message.Content))));
        Assert.All(driver.Messages, message => Assert.Equal("a@example.com", message.Envelope.ReversePath.ToString()));
    }

    private static void Check(string data)
    {
        var driver = new SessionDriver(settings, new ScriptedPolicy());
        driver.Feed("HELO c\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"u8);
        var said = driver.TranscriptLength;
        driver.Feed(Encoding.Latin1.GetBytes(data));

        // The oracle knows nothing of states: the data ends at the first CR LF dot CR LF.
        var end = ("\r\n" + data).IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        var content = ("\r\n" + data)[..end].Length > 0 ? ("\r\n" + data)[2..(end + 2)] : "";
        var whole = Encoding.Latin1.GetString([.. driver.Messages.SelectMany(message => message.Content)]);
        var isClean = !content.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');
        var smuggled = driver.Messages.Any(message => message.Envelope.ReversePath.ToString() == "smuggled@example.com");
        var display = data.Replace("\r", "<CR>", StringComparison.Ordinal).Replace("\n", "<LF>", StringComparison.Ordinal);

        Assert.Equal(end + 3 < data.Length && data[(end + 3)..].StartsWith("MAIL", StringComparison.Ordinal), smuggled);
        Assert.Equal(isClean, driver.Messages.Any(message => message.Envelope.ReversePath.ToString() == "a@example.com"));
        Assert.StartsWith(isClean ? "250 2.0.0 " : "550 5.6.0 ", driver.Transcript[said..], StringComparison.Ordinal);
        Assert.False(whole.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n'), display);
    }
}
