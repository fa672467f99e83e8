using System.Buffers.Binary;
using System.Numerics;

namespace Postrider.Queue.Disk;

/// <summary>CRC-32C (Castagnoli) without the inversions at both ends, by the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>Goes on with a checksum; the first value is the seed.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> octets)
    {
        while (octets.Length >= 32)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets[8..]));
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets[16..]));
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets[24..]));
            octets = octets[32..];
        }
        while (octets.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
            octets = octets[8..];
        }
        foreach (var octet in octets)
            crc = BitOperations.Crc32C(crc, octet);
        return crc;
    }
}
