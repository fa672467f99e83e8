using System.Text;
using Postrider.Smtp.Replies;

namespace Postrider.Tests.Smtp.Replies;

public sealed class ReplyTests
{
    [Fact]
    public void Several_lines_carry_the_code_and_the_enhanced_code_each()
    {
        var reply = new Reply(550, new EnhancedStatusCode(5, 1, 1), "No such user", "Try another");
        Assert.Equal("550-5.1.1 No such user\r\n550 5.1.1 Try another\r\n", Encoding.ASCII.GetString(reply.Wire));
    }

    [Theory]
    [InlineData("word ")]
    [InlineData("wordwithoutanyspace")]
    [InlineData("größer ")]
    [InlineData("\U0001F4EE")]
    public void A_text_that_is_too_long_for_a_line_takes_several(string word)
    {
        var text = string.Concat(Enumerable.Repeat(word, 300));
        var reply = new Reply(554, new EnhancedStatusCode(5, 7, 1), text);
        var lines = Encoding.UTF8.GetString(reply.Wire).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.True(Encoding.UTF8.GetByteCount(line) + 2 <= Reply.MaxLineLength));
        Assert.All(lines[..^1], line => Assert.StartsWith("554-5.7.1 ", line, StringComparison.Ordinal));
        Assert.StartsWith("554 5.7.1 ", lines[^1], StringComparison.Ordinal);
        Assert.Equal(text.TrimEnd(), string.Join(word.EndsWith(' ') ? " " : "", reply.Lines).TrimEnd());
        Assert.InRange(lines.Length, 2, 20);
    }

    [Fact]
    public void A_line_of_the_greatest_length_is_kept()
    {
        Assert.Single(new Reply(250, new EnhancedStatusCode(2, 0, 0), new string('x', 496)).Lines);
        Assert.Equal(2, new Reply(250, new EnhancedStatusCode(2, 0, 0), new string('x', 497)).Lines.Count);
    }

    [Fact]
    public void A_challenge_is_never_broken() =>
        Assert.Single(new Reply(334, default, new string('A', 4000)).Lines);

    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public void A_line_that_would_break_the_framing_is_refused(string line) =>
        Assert.Throws<ArgumentException>(() => new Reply(250, default, line));

    [Theory]
    [InlineData("5.1.1 No such user", "5.1.1", 5)]
    [InlineData("2.0.0", "2.0.0", 5)]
    [InlineData("4.700.12 later", "4.700.12", 8)]
    public void An_enhanced_code_is_read_from_the_start_of_a_text(string text, string code, int length)
    {
        Assert.True(EnhancedStatusCode.TryParse(text, out var parsed, out var taken));
        Assert.Equal(code, parsed.ToString());
        Assert.Equal(length, taken);
    }

    [Theory]
    [InlineData("3.1.1 x")]
    [InlineData("5.1 x")]
    [InlineData("5.1.1x")]
    [InlineData("5.1234.1 x")]
    [InlineData("")]
    public void What_is_no_enhanced_code_is_not_read(string text) =>
        Assert.False(EnhancedStatusCode.TryParse(text, out _, out _));
}
