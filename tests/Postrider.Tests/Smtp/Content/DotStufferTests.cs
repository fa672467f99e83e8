using System.Text;
using Postrider.Smtp.Content;

namespace Postrider.Tests.Smtp.Content;

public sealed class DotStufferTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("a\r\n.\r\n..b\r\nc.d\r\n", "a\r\n..\r\n...b\r\nc.d\r\n.\r\n")]
    [InlineData("\r\n.\r\n.\r\n", "\r\n..\r\n..\r\n.\r\n")]
    [InlineData("a\n.b\r.c\r\n", "a\n.b\r.c\r\n.\r\n")]
    [InlineData("a\r", "a\r\r\n.\r\n")]
    public void Lines_that_begin_with_a_dot_get_another_one(string content, string stuffed) =>
        Assert.Equal(stuffed, Stuff(content, length => length));

    [Fact]
    public void However_it_is_cut_the_result_is_that_of_a_plain_loop()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var content = new string(random.GetItems("\r\n..ab".AsSpan(), random.Next(0, 40)));
            if (random.Next(3) == 0)
                content = content.Replace("a", "\r\n.", StringComparison.Ordinal);
            var expected = StuffPlainly(content);
            Assert.Equal(expected, Stuff(content, length => random.Next(1, length + 1)));
            Assert.Equal(expected, Stuff(content, _ => 1));
            Assert.Equal(content.EndsWith("\r\n", StringComparison.Ordinal) || content.Length == 0 ? content : content + "\r\n", Unstuff(expected));
        }
    }

    [Fact]
    public void Every_cut_of_one_text_gives_the_same()
    {
        const string content = ".a\r\n.\r\r\n..\n.\r\n";
        var expected = StuffPlainly(content);
        for (var cuts = 0; cuts < 1 << (content.Length - 1); cuts++)
        {
            var position = 0;
            Assert.Equal(expected, Stuff(content, length =>
            {
                var start = position;
                do
                    position++;
                while (position < content.Length && (cuts & (1 << (position - 1))) == 0);
                return position - start;
            }));
        }
    }

    [Fact]
    public void The_worst_block_fits()
    {
        for (var length = 0; length < 50; length++)
        {
            foreach (var worst in (string[])["\r\n.", ".\r\n", "\n.\r"])
            {
                var stuffer = new DotStuffer();
                var cr = new byte[DotStuffer.MaxLength(1)];
                cr[0] = (byte)'\r';
                stuffer.Stuff(cr, 1);
                var block = string.Concat(Enumerable.Repeat(worst, 20))[..length];
                var buffer = new byte[DotStuffer.MaxLength(length)];
                Encoding.Latin1.GetBytes(block, buffer);
                Assert.InRange(stuffer.Stuff(buffer, length), length, buffer.Length);
            }
        }
    }

    private static string Stuff(string content, Func<int, int> cut)
    {
        var stuffer = new DotStuffer();
        var result = new StringBuilder();
        var rest = Encoding.Latin1.GetBytes(content).AsSpan();
        while (rest.Length > 0)
        {
            var length = cut(rest.Length);
            var buffer = new byte[DotStuffer.MaxLength(length)];
            rest[..length].CopyTo(buffer);
            result.Append(Encoding.Latin1.GetString(buffer, 0, stuffer.Stuff(buffer, length)));
            rest = rest[length..];
        }
        var end = new byte[DotStuffer.MaxEndLength];
        return result.Append(Encoding.Latin1.GetString(end, 0, stuffer.WriteEnd(end))).ToString();
    }

    private static string StuffPlainly(string content)
    {
        var result = new StringBuilder();
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] == '.' && (i == 0 || (i > 1 && content[i - 2] == '\r' && content[i - 1] == '\n')))
                result.Append('.');
            result.Append(content[i]);
        }
        if (content.Length > 0 && !content.EndsWith("\r\n", StringComparison.Ordinal))
            result.Append("\r\n");
        return result.Append(".\r\n").ToString();
    }

    private static string Unstuff(string stuffed)
    {
        var lines = stuffed.Split("\r\n");
        Assert.Equal([".", ""], lines[^2..]);
        return string.Concat(lines[..^2].Select(line => (line.StartsWith('.') ? line[1..] : line) + "\r\n"));
    }
}
