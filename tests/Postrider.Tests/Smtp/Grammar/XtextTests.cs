using System.Text;
using Postrider.Smtp.Grammar;

namespace Postrider.Tests.Smtp.Grammar;

public sealed class XtextTests
{
    // RFC 3461 §4.
    [Theory]
    [InlineData("", "")]
    [InlineData("e+3Dmc2@example.com", "e=mc2@example.com")]
    [InlineData("a+2Bb", "a+b")]
    [InlineData("+20", " ")]
    public void It_is_decoded(string text, string expected)
    {
        Assert.True(Xtext.TryDecode(Encoding.ASCII.GetBytes(text), out var octets));
        Assert.Equal(expected, Encoding.ASCII.GetString(octets));
    }

    [Theory]
    [InlineData("+")]
    [InlineData("a+2")]
    [InlineData("a+2b")]
    [InlineData("a+GG")]
    [InlineData("a=b")]
    [InlineData("a b")]
    public void It_is_not_xtext(string text) => Assert.False(Xtext.TryDecode(Encoding.ASCII.GetBytes(text), out _));
}
