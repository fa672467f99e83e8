using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.Transport.Proxying;

/// <summary>
/// The header by which a proxy says who its client is: the PROXY protocol of HAProxy, versions 1 (a line of text) and 2
/// (binary). Both are read strictly; without addresses in it, those of the connection hold.
/// </summary>
/// <param name="Source">The client; null where the header names none (LOCAL, UNKNOWN, UNSPEC, a Unix socket).</param>
/// <param name="Destination">Where the client connected to; null likewise.</param>
internal readonly record struct ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination)
{
    /// <summary>What says which version it is (§2.2); version 1 is told by its first octets too.</summary>
    public const int SignatureLength = 12;

    /// <summary>The fixed part of version 2.</summary>
    public const int FixedLength = 16;

    /// <summary>The longest line of version 1, its CRLF counted (§2.1).</summary>
    public const int LongestLine = 107;

    /// <summary>The most that is taken behind the fixed part of version 2: addresses and TLVs. Those with a certificate in them are the longest.</summary>
    public const int LongestRest = 4096;

    /// <summary>Whether a header of version 2 begins so.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> start) => start.StartsWith("\r\n\r\n\0\r\nQUIT\n"u8);

    /// <summary>Whether a header of version 1 begins so.</summary>
    public static bool IsText(ReadOnlySpan<byte> start) => start.StartsWith("PROXY "u8);

    /// <summary>Reads a header of version 1.</summary>
    /// <param name="line">The line without its CRLF.</param>
    /// <param name="header">What it says.</param>
    public static bool TryParseText(ReadOnlySpan<byte> line, out ProxyHeader header)
    {
        header = default;
        if (!IsText(line) || !Ascii.IsValid(line))
            return false;
        // Behind UNKNOWN all is ignored, up to the end of the line.
        if (line[6..].SequenceEqual("UNKNOWN"u8) || line[6..].StartsWith("UNKNOWN "u8))
            return true;
        var words = Encoding.ASCII.GetString(line).Split(' ');
        if (words is not [_, "TCP4" or "TCP6", var source, var destination, var sourcePort, var destinationPort])
            return false;
        var family = words[1] == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (!TryParse(source, sourcePort, family, out var from) || !TryParse(destination, destinationPort, family, out var to))
            return false;
        header = new ProxyHeader(from, to);
        return true;
    }

    /// <summary>Reads the fixed part of version 2.</summary>
    /// <param name="start">Its 16 octets.</param>
    /// <param name="rest">How many octets are behind it.</param>
    public static bool TryParseFixed(ReadOnlySpan<byte> start, out int rest)
    {
        rest = BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        // Version 2, LOCAL or PROXY; a family of addresses; streams, for mail does not come by datagrams.
        return IsBinary(start) && start[12] is 0x20 or 0x21 && start[13] is 0x00 or 0x11 or 0x21 or 0x31
            && rest >= (start[12] == 0x20 ? 0 : AddressLength(start[13]));
    }

    /// <summary>Reads the rest of version 2; TLVs behind the addresses are passed over.</summary>
    /// <param name="start">The fixed part, which has been parsed.</param>
    /// <param name="rest">All that is behind it.</param>
    public static ProxyHeader ParseRest(ReadOnlySpan<byte> start, ReadOnlySpan<byte> rest)
    {
        var octets = start[13] == 0x11 ? 4 : 16;
        // LOCAL is the proxy's own, such as a check of our health, and its addresses are to be ignored.
        return start[12] == 0x20 || start[13] is not (0x11 or 0x21) ? default : new ProxyHeader(
            new IPEndPoint(new IPAddress(rest[..octets]), BinaryPrimitives.ReadUInt16BigEndian(rest[(2 * octets)..])),
            new IPEndPoint(new IPAddress(rest[octets..(2 * octets)]), BinaryPrimitives.ReadUInt16BigEndian(rest[((2 * octets) + 2)..])));
    }

    private static int AddressLength(byte family) => family switch
    {
        0x11 => 12,
        0x21 => 36,
        0x31 => 216,
        _ => 0,
    };

    private static bool TryParse(string address, string port, AddressFamily family, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.Any, 0);
        // One way of writing each: what other readers take for another address is not taken at all.
        var isRight = IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == family
            && (family == AddressFamily.InterNetworkV6 ? !address.AsSpan().ContainsAny('%', '[', '/') : parsed.ToString() == address)
            && ushort.TryParse(port, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && (port == "0" || port[0] != '0');
        if (isRight)
            endPoint = new IPEndPoint(parsed!, ushort.Parse(port, System.Globalization.CultureInfo.InvariantCulture));
        return isRight;
    }
}
