using System.Net;
using System.Text;
using Postrider.Transport;
using Postrider.Transport.Proxying;

namespace Postrider.Tests.Transport.Proxying;

/// <summary>Both versions of the header, right and wrong (HAProxy, proxy-protocol.txt).</summary>
[Collection(nameof(Alone))]
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
    public void Any_octets_are_read_or_refused()
    {
        byte[][] sound =
        [
            "PROXY TCP4 192.0.2.7 198.51.100.1 40112 25\r\nEHLO"u8.ToArray(),
            "PROXY TCP6 2001:db8::7 2001:db8::1 40112 25\r\n"u8.ToArray(),
            "PROXY UNKNOWN\r\n"u8.ToArray(),
            Binary("21", "11", "c0000207 c6336401 9cb0 0019 03 0004 01020304"),
            Binary("21", "21", new string('1', 72)),
            Binary("20", "00", ""),
        ];
        var read = 0;
        Fuzzing.Repeat(random =>
        {
            var octets = sound[random.Next(sound.Length)];
            if (random.Next(10) > 0)
                octets = Mutation.Mutate(octets, "\r\n .:1PROXYTCP46"u8, random);
            var input = new Fragments(octets, random);
            var reading = ProxyHeaderReader.ReadAsync(input);
            Assert.True(reading.IsCompleted);
            var (header, problem) = reading.GetAwaiter().GetResult();
            Assert.True(header is null || problem is null);
            Assert.InRange(input.Read, 0, ProxyHeader.FixedLength + ProxyHeader.LongestRest);
            read += header is null ? 0 : 1;
        });
        Assert.InRange(read, Fuzzing.Rounds / 20, Fuzzing.Rounds * 19 / 20);
    }

    internal static byte[] Binary(string command, string family, string rest)
    {
        var behind = Convert.FromHexString(rest.Replace(" ", "", StringComparison.Ordinal));
        return [.. "\r\n\r\n\0\r\nQUIT\n"u8, .. Convert.FromHexString(command + family), (byte)(behind.Length >> 8), (byte)behind.Length, .. behind];
    }

    // Octets that are there at once, in pieces, and then an end.
    private sealed class Fragments(byte[] octets, Random random) : ITransport
    {
        public int Read { get; private set; }

        public EndPoint? LocalEndPoint => null;

        public EndPoint? RemoteEndPoint => null;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var length = Math.Min(Math.Min(random.Next(1, 50), buffer.Length), octets.Length - Read);
            octets.AsMemory(Read, length).CopyTo(buffer);
            Read += length;
            return new ValueTask<int>(length);
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Abort()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
