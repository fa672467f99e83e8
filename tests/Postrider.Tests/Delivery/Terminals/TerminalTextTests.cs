using System.Text;
using Postrider.Delivery.Terminals;

namespace Postrider.Tests.Delivery.Terminals;

public sealed class TerminalTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Who_it_is_from_and_its_subject_stand_before_the_text() => Assert.Equal(
        "\r\nMessage from <a@b.example> at mx.example.org at 05:06 ...\r\nSubject: Lunch at noon\r\nIn the\tcafé?\r\n\r\nA.\r\nEOF\r\n",
        Of("Received: by x\r\nsubject: Lunch\r\n at noon\r\nTo: c\r\n\r\nIn the\tcafé?\r\n\r\nA.\r\n"));

    [Theory]
    [InlineData("\u001b[2J\u001b]0;x\u0007", "?[2J?]0;x?")]
    [InlineData("a\u0008\u007f\u0000\u000b", "a????")]
    [InlineData("\u009b31m\u0090", "?31m?")]
    [InlineData("\u202egnp.exe\u2028\ue000", "?gnp.exe??")]
    [InlineData("a\rb", "a?b")]
    [InlineData("Grüße, 日本 😀", "Grüße, 日本 😀")]
    public void Nothing_in_it_speaks_to_the_terminal(string text, string shown)
    {
        Assert.Contains($"...\r\nSubject: {shown}\r\n{shown}\r\nEOF", Of($"Subject: {text}\r\n\r\n{text}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith($"\r\nMessage from <{shown}> at", TerminalText.Of(text, "mx", Now, default, true), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_utf8_is_shown_as_such()
    {
        Assert.Contains("\r\na\ufffdb\r\n", TerminalText.Of("", "mx", Now, [.. "\r\n\r\na"u8, 0xff, .. "b"u8], true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(10, 10_000)]
    public void It_is_of_bounded_length(int width, int lines)
    {
        var shown = Of("\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', width) + "\r\n", lines)));
        Assert.InRange(shown.Length, 600, 4300);
        Assert.InRange(shown.Split('\n').Length, 4, 66);
        Assert.EndsWith("\r\n(more)\r\nEOF\r\n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_read_is_more() =>
        Assert.EndsWith("a\r\n(more)\r\nEOF\r\n", TerminalText.Of("", "mx", Now, "\r\n\r\na"u8, false), StringComparison.Ordinal);

    private static string Of(string message) => TerminalText.Of("a@b.example", "mx.example.org", Now, Encoding.UTF8.GetBytes(message), isWhole: true);
}
