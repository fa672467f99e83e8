using System.Net;
using Postrider.Mime.Headers;

namespace Postrider.Tests.Mime.Headers;

public sealed class HeaderTextTests
{
    [Theory]
    [InlineData("2026-11-21T21:58:28Z", "Sat, 21 Nov 2026 21:58:28 +0000")]
    [InlineData("2027-01-03T01:02:03+05:30", "Sun, 03 Jan 2027 01:02:03 +0530")]
    [InlineData("2024-02-29T23:59:59-08:00", "Thu, 29 Feb 2024 23:59:59 -0800")]
    public void A_date_is_written_as_RFC_5322_has_it(string date, string expected) =>
        Assert.Equal(expected, HeaderText.Date(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("192.0.2.1", "[192.0.2.1]")]
    [InlineData("2001:db8::1", "[IPv6:2001:db8::1]")]
    [InlineData("::ffff:192.0.2.1", "[192.0.2.1]")]
    [InlineData("fe80::1%3", "[IPv6:fe80::1]")]
    public void An_address_is_written_as_a_literal(string address, string expected) =>
        Assert.Equal(expected, HeaderText.AddressLiteral(IPAddress.Parse(address)));

    [Theory]
    [InlineData("plain", true, "plain")]
    [InlineData("two\r\nlines\tand\0more", true, "two  lines and more")]
    [InlineData("naïve", true, "naïve")]
    [InlineData("naïve 😀", false, "na?ve ?")]
    public void A_text_becomes_one_line(string text, bool utf8, string expected) =>
        Assert.Equal(expected, HeaderText.OneLine(text, utf8));

    [Fact]
    public void A_long_text_is_cut_and_says_so() =>
        Assert.Equal("aaaaa...", HeaderText.OneLine(new string('a', 2000), false, 5));
}
