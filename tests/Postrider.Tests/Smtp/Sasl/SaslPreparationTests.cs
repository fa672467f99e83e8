using Postrider.Smtp.Sasl;

namespace Postrider.Tests.Smtp.Sasl;

public sealed class SaslPreparationTests
{
    // RFC 4013 §3, and what the tables of RFC 3454 add.
    [Theory]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("pass word", "pass word")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("e\u0301", "é")]
    [InlineData("\u0627\u0628", "\u0627\u0628")]
    [InlineData("\u05D0 1 \u05D1", "\u05D0 1 \u05D1")]
    [InlineData("🔑", "🔑")]
    public void It_prepares(string text, string expected)
    {
        Assert.True(SaslPreparation.TryPrepare(text, out var prepared));
        Assert.Equal(expected, prepared);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0007")]
    [InlineData("tab\there")]
    [InlineData("\u00AD")]
    [InlineData("\u0627\u0031")]
    [InlineData("\u0627b\u0628")]
    [InlineData("é\u200E")]
    [InlineData("\uE000")]
    [InlineData("\uFFFD")]
    [InlineData("\uFDD0")]
    [InlineData("a\u0085")]
    public void It_refuses(string text) => Assert.False(SaslPreparation.TryPrepare(text, out _));

    [Fact]
    public void It_refuses_half_a_character() => Assert.False(SaslPreparation.TryPrepare("a" + (char)0xD800, out _));
}
