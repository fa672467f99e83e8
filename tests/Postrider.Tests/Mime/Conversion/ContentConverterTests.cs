using System.Buffers;
using System.Globalization;
using System.Text;
using Postrider.Mime.Conversion;
using Postrider.Tests.Smtp;

namespace Postrider.Tests.Mime.Conversion;

[Collection(nameof(Alone))]
public sealed class ContentConverterTests
{
    private static readonly ContentForm sevenBit = new(EightBit: false, Utf8Header: false);
    private static readonly ContentForm eightBit = new(EightBit: true, Utf8Header: false);

    [Fact]
    public void Text_becomes_quoted_printable()
    {
        const string Message = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-transfer-encoding: 8bit\r\nSubject: x\r\n\r\nGr\u00fc\u00dfe = gut genug, damit es lesbar bleibt \r\n.\r\n";
        Assert.Equal(
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nSubject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe =3D gut genug, damit es lesbar bleibt=20\r\n.\r\n",
            Convert(Message, sevenBit));
    }

    [Fact]
    public void What_is_not_MIME_becomes_so()
    {
        Assert.Equal(
            "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\nContent-Transfer-Encoding: base64\r\n\r\n/Pw=\r\n",
            Convert("Subject: x\r\n\r\n\u00fc\u00fc", sevenBit));
    }

    [Fact]
    public void Parts_are_encoded_one_by_one_and_messages_in_them_too()
    {
        const string Message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n (a \\) comment) boundary=\"b b\" \r\nContent-Transfer-Encoding: 8bit\r\n\r\npre\u00e4mble\r\n--b b \r\n\r\nplain\r\n"
            + "--b b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u0080\u0081\u0082\r\n--b b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\nein langes W\u00f6rtchen\r\n--b b--\r\nend\u00e9\r\n";
        Assert.Equal(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n (a \\) comment) boundary=\"b b\" \r\n\r\npre?mble\r\n--b b \r\n\r\nplain\r\n"
            + "--b b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\ngIGC\r\n--b b\r\nContent-Type: message/rfc822\r\n\r\n"
            + "MIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nein langes W=F6rtchen\r\n--b b--\r\nend?\r\n",
            Convert(Message, sevenBit));
    }

    [Fact]
    public void Binary_content_becomes_lines_and_stays_8_bit_where_that_is_taken()
    {
        const string Message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n\u00fcber\r\n--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: binary\r\n\r\n\n\0\r.\r\n--b--\r\n";
        Assert.Equal(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u00fcber\r\n--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nCgANLg==\r\n--b--\r\n",
            Convert(Message, eightBit));
    }

    [Theory]
    [InlineData("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\u00fc\r\n--b--\r\n", "signature")]
    [InlineData("Content-Type: message/partial\r\n\r\n\u00fc\r\n", "message/partial")]
    [InlineData("Content-Type: multipart/mixed\r\n\r\n\u00fc\r\n", "multipart/mixed")]
    [InlineData("Content-Transfer-Encoding: base64\r\n\r\n\u00fc\r\n", "text/plain")]
    [InlineData("Subject: \u00fc\r\n\r\nx\r\n", "not ASCII")]
    [InlineData("Subject: x\r\nno field\r\n\r\n\u00fc\r\n", "no field")]
    [InlineData("Subject: x\n\r\n\r\n\u00fc\r\n", "bare LF")]
    public void What_must_not_change_or_cannot_be_read_is_not_converted(string message, string reason)
    {
        var plan = Examine(Encoding.Latin1.GetBytes(message), sevenBit, _ => int.MaxValue);
        Assert.Contains(reason, plan.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_without_end_are_not_followed()
    {
        var message = new StringBuilder();
        for (var i = 0; i < 2000; i++)
            message.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        Assert.NotNull(Examine(Encoding.Latin1.GetBytes(message.ToString()), sevenBit, _ => 100).Fault);
        var wide = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 2000));
        Assert.NotNull(Examine(Encoding.Latin1.GetBytes(wide), sevenBit, _ => 100).Fault);
        Assert.NotNull(Examine(Encoding.Latin1.GetBytes("X: " + new string('x', 20_000) + "\r\n\r\n"), sevenBit, _ => 100).Fault);
    }

    [Fact]
    public void Whatever_is_converted_decodes_to_the_same_and_fits()
    {
        var converted = 0;
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var form = random.Next(3) == 0 ? eightBit : sevenBit;
            var tree = new MimeTree(random);
            var octets = Encoding.Latin1.GetBytes("MIME-Version: 1.0\r\n" + tree.Text);
            var plan = Examine(octets, form, _ => random.Next(1, 200));
            Assert.Null(plan.Fault);
            var output = Write(octets, plan, form, _ => random.Next(1, 200));
            Assert.Equal(output, Write(octets, plan, form, _ => int.MaxValue));
            if (!plan.IsNeeded)
                continue;
            converted++;
            var text = Encoding.Latin1.GetString(output);
            Assert.True(form.EightBit || Ascii.IsValid(text), $"Seed {seed}: {text}");
            Assert.All(text.Split("\r\n"), line => Assert.True(line.Length <= 998 && !line.AsSpan().ContainsAny('\r', '\n', '\0'), $"Seed {seed}: {line}"));
            Assert.True(tree.Leaves.SequenceEqual(MimeTree.LeavesOf(text), StringComparer.Ordinal), $"Seed {seed}:\n{Encoding.Latin1.GetString(octets)}\n=>\n{text}");
            Assert.False(Examine(output, form, _ => int.MaxValue).IsNeeded);
        }
        Assert.InRange(converted, 1000, int.MaxValue);
    }

    [Fact]
    public void No_more_parts_are_looked_at_than_may_be()
    {
        var message = Encoding.Latin1.GetBytes("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\n\u00fc\r\n", 20)) + "--b--\r\n");
        Assert.Null(Examine(message, sevenBit with { MostParts = 21 }, _ => int.MaxValue).Fault);
        Assert.Equal("it has more parts than are looked through", Examine(message, sevenBit with { MostParts = 20 }, _ => int.MaxValue).Fault);
    }

    [Fact]
    public void Any_octets_are_borne()
    {
        string[] pieces = ["Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n", "Content-Transfer-Encoding: base64\r\n", "\r\n", "--b\r\n", "--b--\r\n", "--b", "\r", "\n", "\0", "\u00fc", "x: y\r\n", " folded\r\n", "=", new string('z', 1200)];
        Fuzzing.Repeat(random =>
        {
            var octets = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => pieces[random.Next(pieces.Length)])));
            var plan = Examine(octets, sevenBit, _ => random.Next(1, 30));
            if (plan.Fault is null)
                Write(octets, plan, sevenBit, _ => random.Next(1, 30));
        });
    }

    private static string Convert(string message, ContentForm form)
    {
        var octets = Encoding.Latin1.GetBytes(message);
        var plan = Examine(octets, form, _ => int.MaxValue);
        Assert.Null(plan.Fault);
        Assert.True(plan.IsNeeded);
        var whole = Write(octets, plan, form, _ => int.MaxValue);
        Assert.Equal(whole, Write(octets, Examine(octets, form, _ => 1), form, _ => 1));
        return Encoding.Latin1.GetString(whole);
    }

    private static ConversionPlan Examine(byte[] octets, ContentForm form, Func<int, int> cut)
    {
        var plan = new ConversionPlan(form);
        Cut(octets, cut, slice => plan.Examine(slice.Span));
        plan.End();
        return plan;
    }

    private static byte[] Write(byte[] octets, ConversionPlan plan, ContentForm form, Func<int, int> cut)
    {
        var output = new ArrayBufferWriter<byte>();
        var converter = new ContentConverter(plan, form, output);
        Cut(octets, cut, slice => converter.Convert(slice.Span));
        converter.End();
        return output.WrittenSpan.ToArray();
    }

    private static void Cut(byte[] octets, Func<int, int> cut, Action<ReadOnlyMemory<byte>> take)
    {
        for (var at = 0; at < octets.Length;)
        {
            var length = Math.Min(cut(at), octets.Length - at);
            take(octets.AsMemory(at, length));
            at += length;
        }
    }
}
