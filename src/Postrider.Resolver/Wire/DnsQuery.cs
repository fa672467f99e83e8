using Postrider.Resolver.Records;

namespace Postrider.Resolver.Wire;

/// <summary>A question on the wire (RFC 1035 §4.1), with EDNS (RFC 6891) and the wish to know whether it is authentic (RFC 6840 §5.7).</summary>
internal static class DnsQuery
{
    /// <summary>What an answer by UDP may have: it goes through every path that IPv6 goes through.</summary>
    public const int DatagramSize = 1232;

    /// <summary>The message, or null where the name is none.</summary>
    public static byte[]? Write(int id, string name, RecordType type)
    {
        // Recursion desired, authentic data understood; one question, one additional record.
        List<byte> message = [(byte)(id >> 8), (byte)id, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1];
        if (!WireName.TryWrite(name, message))
            return null;
        message.AddRange([(byte)((int)type >> 8), (byte)type, 0, 1]);
        message.AddRange([0, 0, 41, DatagramSize >> 8, DatagramSize & 0xFF, 0, 0, 0, 0, 0, 0]);
        return [.. message];
    }
}
