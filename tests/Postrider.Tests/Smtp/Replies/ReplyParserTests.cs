using System.Text;
using Postrider.Smtp.Replies;

namespace Postrider.Tests.Smtp.Replies;

public sealed class ReplyParserTests
{
    [Theory]
    [InlineData("250 2.1.5 fine\r\n", 250, "2.1.5", "fine")]
    [InlineData("250 fine\n", 250, "", "fine")]
    [InlineData("250\r\n", 250, "", "")]
    [InlineData("250 \r\n", 250, "", "")]
    [InlineData("354 go\r\n", 354, "", "go")]
    [InlineData("550-5.1.1 no\r\n550-\r\n550 5.1.1 such\r\n", 550, "5.1.1", "no such")]
    [InlineData("550-5.1.1 no\r\n550\r\n", 550, "5.1.1", "no")]
    [InlineData("599 5.999.999 odd\r\n", 599, "5.999.999", "odd")]
    [InlineData("450 5.1.1 mixed\r\n", 450, "", "5.1.1 mixed")]
    [InlineData("250 2.1\r\n", 250, "", "2.1")]
    [InlineData("250 a\rb\x7f\x1b[0m\r\n", 250, "", "a?b??[0m")]
    [InlineData("250 gr\u00fc\u00dfe\r\n", 250, "", "gr\u00fc\u00dfe")]
    public void A_reply_is_read(string input, int code, string enhanced, string text)
    {
        foreach (var cut in (int[])[1, 2, 3, 1000])
        {
            var parser = new ReplyParser();
            var octets = Encoding.UTF8.GetBytes(input);
            var start = 0;
            var parse = ReplyParse.NeedMore;
            while (parse == ReplyParse.NeedMore)
            {
                var end = Math.Min(start + cut, octets.Length);
                parse = parser.Read(octets.AsSpan(start, end - start), out var consumed);
                start += consumed;
                Assert.Equal(start < octets.Length, parser.IsMidReply);
            }
            Assert.Equal(ReplyParse.Complete, parse);
            Assert.Equal((code, enhanced, text), (parser.Code, parser.Enhanced.ToString(), parser.ToText()));
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("25\r\n")]
    [InlineData("150 ok\r\n")]
    [InlineData("600 ok\r\n")]
    [InlineData("2x0 ok\r\n")]
    [InlineData("250ok\r\n")]
    [InlineData("250\tok\r\n")]
    [InlineData(" 250 ok\r\n")]
    [InlineData("250-a\r\n251 b\r\n")]
    [InlineData("250-a\r\nb\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    public void What_is_no_reply_is_malformed_for_good(string input)
    {
        var parser = new ReplyParser();
        Assert.Equal(ReplyParse.Malformed, parser.Read(Encoding.ASCII.GetBytes(input), out _));
        Assert.NotNull(parser.Problem);
        Assert.Equal(ReplyParse.Malformed, parser.Read("250 ok\r\n"u8, out var consumed));
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void One_reply_is_read_at_a_time()
    {
        var parser = new ReplyParser();
        Assert.Equal(ReplyParse.Complete, parser.Read("250 a\r\n451 b\r\n"u8, out var consumed));
        Assert.Equal(7, consumed);
        Assert.Equal(ReplyParse.Complete, parser.Read("451 b\r\n"u8, out _));
        Assert.Equal((451, "b"), (parser.Code, parser.ToText()));
        Assert.False(parser.IsMidReply);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void A_line_is_bounded(int octets, bool isTaken)
    {
        var line = Encoding.ASCII.GetBytes("250 " + new string('a', octets - 6) + "\r\n");
        foreach (var cut in (int[])[1, 100, 5000])
        {
            var parser = new ReplyParser(4096, 65_536);
            var parse = ReplyParse.NeedMore;
            for (var start = 0; start < line.Length && parse == ReplyParse.NeedMore; start += cut)
                parse = parser.Read(line.AsSpan(start, Math.Min(cut, line.Length - start)), out _);
            Assert.Equal(isTaken ? ReplyParse.Complete : ReplyParse.Malformed, parse);
        }
    }

    [Theory]
    [InlineData("250-\r\n")]
    [InlineData("250-some text\r\n")]
    public void A_reply_without_an_end_is_bounded(string line)
    {
        var parser = new ReplyParser(4096, 65_536);
        var lines = 0;
        while (parser.Read(Encoding.ASCII.GetBytes(line), out _) == ReplyParse.NeedMore)
            Assert.InRange(++lines, 1, 65_536 / 4);
        Assert.Equal("a reply too long", parser.Problem);
    }
}
