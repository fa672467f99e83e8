using System.Text;
using Postrider.Delivery.Local;

namespace Postrider.Tests.Delivery.Local;

public sealed class LineEndingsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a\r\nb\r\n", "a\nb\n")]
    [InlineData("\r\n\r\n", "\n\n")]
    [InlineData("a\rb\nc", "a\rb\nc")]
    [InlineData("\r\r\n\n", "\r\n\n")]
    [InlineData("no end", "no end")]
    [InlineData("end\r", "end\r")]
    public void Each_crlf_becomes_lf_and_nothing_else_changes(string from, string to)
    {
        var octets = Encoding.Latin1.GetBytes(from);
        Assert.Equal(to, Encoding.Latin1.GetString(octets, 0, LineEndings.ToLf(octets)));
    }
}
