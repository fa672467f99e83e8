using System.Text;
using Postrider.Transport.Proxying;

namespace Postrider.Tests.Transport.Proxying;

/// <summary>Both versions of the header, right and wrong (HAProxy, proxy-protocol.txt).</summary>
public sealed class ProxyHeaderTests
{
    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 40112 25", "192.0.2.7:40112", "198.51.100.1:25")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:DB8::1 0 465", "[2001:db8::7]:0", "[2001:db8::1]:465")]
    [InlineData("PROXY UNKNOWN", null, null)]
    [InlineData("PROXY UNKNOWN ffff::1 anything at all", null, null)]
    public void A_line_is_read(string line, string? source, string? destination)
    {
        Assert.True(ProxyHeader.TryParseText(Encoding.ASCII.GetBytes(line), out var header));
        Assert.Equal((source, destination), (header.Source?.ToString(), header.Destination?.ToString()));
    }

    [Theory]
    [InlineData("PROXY")]
    [InlineData("proxy TCP4 192.0.2.7 198.51.100.1 40112 25")]
    [InlineData("PROXY  TCP4 192.0.2.7 198.51.100.1 40112 25")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 40112")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 40112 25 ")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 40112 25 26")]
    [InlineData("PROXY TCP4 192.0.2 198.51.100.1 40112 25")]
    [InlineData("PROXY TCP4 192.0.02.7 198.51.100.1 40112 25")]
    [InlineData("PROXY TCP4 3221225991 198.51.100.1 40112 25")]
    [InlineData("PROXY TCP4 2001:db8::7 198.51.100.1 40112 25")]
    [InlineData("PROXY TCP6 192.0.2.7 198.51.100.1 40112 25")]
    [InlineData("PROXY TCP6 [2001:db8::7] 2001:db8::1 40112 25")]
    [InlineData("PROXY TCP6 fe80::1%eth0 2001:db8::1 40112 25")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 65536 25")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 040112 25")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 -1 25")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 +1 25")]
    [InlineData("PROXY UDP4 192.0.2.7 198.51.100.1 1 25")]
    [InlineData("PROXY UNKNOWNS")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 1 25\r")]
    [InlineData("PROXY TCP4 192.0.2.7\r198.51.100.1 1 25")]
    public void A_line_that_is_not_right_is_refused(string line) =>
        Assert.False(ProxyHeader.TryParseText(Encoding.ASCII.GetBytes(line), out _));

    [Theory]
    [InlineData("21", "11", "c0000207 c6336401 9cb0 0019", "192.0.2.7:40112", "198.51.100.1:25")]
    [InlineData("21", "11", "c0000207 c6336401 9cb0 0019 03 0004 01020304", "192.0.2.7:40112", "198.51.100.1:25")]
    [InlineData("21", "21", "20010db8000000000000000000000007 20010db8000000000000000000000001 9cb0 0019", "[2001:db8::7]:40112", "[2001:db8::1]:25")]
    [InlineData("20", "00", "", null, null)]
    [InlineData("20", "11", "", null, null)]
    [InlineData("20", "11", "c0000207 c6336401 9cb0 0019", null, null)]
    [InlineData("21", "00", "0102", null, null)]
    public void A_binary_header_is_read(string command, string family, string rest, string? source, string? destination)
    {
        var octets = Binary(command, family, rest);
        Assert.True(ProxyHeader.TryParseFixed(octets.AsSpan(0, 16), out var length));
        Assert.Equal(octets.Length - 16, length);
        var header = ProxyHeader.ParseRest(octets.AsSpan(0, 16), octets.AsSpan(16));
        Assert.Equal((source, destination), (header.Source?.ToString(), header.Destination?.ToString()));
    }

    [Theory]
    [InlineData("11", "11", "c0000207 c6336401 9cb0 0019")]
    [InlineData("22", "11", "c0000207 c6336401 9cb0 0019")]
    [InlineData("31", "11", "c0000207 c6336401 9cb0 0019")]
    [InlineData("21", "12", "c0000207 c6336401 9cb0 0019")]
    [InlineData("21", "10", "c0000207 c6336401 9cb0 0019")]
    [InlineData("21", "41", "c0000207 c6336401 9cb0 0019")]
    [InlineData("21", "11", "c0000207 c6336401 9cb0 00")]
    [InlineData("21", "21", "c0000207 c6336401 9cb0 0019")]
    [InlineData("21", "31", "c0000207 c6336401 9cb0 0019")]
    public void A_binary_header_that_is_not_right_is_refused(string command, string family, string rest) =>
        Assert.False(ProxyHeader.TryParseFixed(Binary(command, family, rest).AsSpan(0, 16), out _));

    [Fact]
    public void A_Unix_socket_has_no_address()
    {
        var octets = Binary("21", "31", new string('0', 432));
        Assert.True(ProxyHeader.TryParseFixed(octets.AsSpan(0, 16), out _));
        Assert.Equal(default, ProxyHeader.ParseRest(octets.AsSpan(0, 16), octets.AsSpan(16)));
    }

    [Fact]
    public void Any_octets_are_parsed_or_refused()
    {
        var random = new Random(7);
        var octets = new byte[300];
        for (var i = 0; i < 50_000; i++)
        {
            random.NextBytes(octets);
            Binary("21", "21", "").AsSpan(0, 14 - (i % 4)).CopyTo(octets);
            if (ProxyHeader.TryParseFixed(octets.AsSpan(0, 16), out var length) && length <= octets.Length - 16)
                ProxyHeader.ParseRest(octets.AsSpan(0, 16), octets.AsSpan(16, length));
            "PROXY TCP4 1"u8[..(6 + (i % 7))].CopyTo(octets);
            if (!ProxyHeader.TryParseText(octets.AsSpan(0, i % 108), out var header))
                Assert.Equal(default, header);
        }
    }

    internal static byte[] Binary(string command, string family, string rest)
    {
        var behind = Convert.FromHexString(rest.Replace(" ", "", StringComparison.Ordinal));
        return [.. "\r\n\r\n\0\r\nQUIT\n"u8, .. Convert.FromHexString(command + family), (byte)(behind.Length >> 8), (byte)behind.Length, .. behind];
    }
}
