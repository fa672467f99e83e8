using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Postrider.Hosting.Admission;

/// <summary>
/// An address cut to a prefix, as the key of a count: of IPv6 nobody is one address, for a subscriber has 2^64 of them
/// and more (RFC 6177). IPv4 counts as what it is mapped to in IPv6.
/// </summary>
internal readonly record struct AddressBlock(ulong High, ulong Low, byte Prefix)
{
    private const int MappedBits = 96;

    /// <summary>The block of an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="ipv4">The prefix of IPv4, 0 to 32.</param>
    /// <param name="ipv6">The prefix of IPv6, 0 to 128.</param>
    public static AddressBlock Of(IPAddress address, int ipv4, int ipv6)
    {
        Span<byte> octets = stackalloc byte[16];
        var isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        if (isIPv4)
        {
            octets.Clear();
            octets[10] = octets[11] = 0xFF;
            address.TryWriteBytes(octets[12..], out _);
        }
        else
        {
            address.TryWriteBytes(octets, out _);
            isIPv4 = address.IsIPv4MappedToIPv6;
        }
        var prefix = isIPv4 ? MappedBits + ipv4 : ipv6;
        return new AddressBlock(
            BinaryPrimitives.ReadUInt64BigEndian(octets) & Mask(prefix),
            BinaryPrimitives.ReadUInt64BigEndian(octets[8..]) & Mask(prefix - 64),
            (byte)prefix);
    }

    /// <summary>Not to be foreseen: a peer that may choose among addresses cannot make them collide.</summary>
    public override int GetHashCode() => HashCode.Combine(High, Low, Prefix);

    private static ulong Mask(int bits) => bits <= 0 ? 0 : bits >= 64 ? ulong.MaxValue : ulong.MaxValue << (64 - bits);
}
