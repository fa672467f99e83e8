using System.Buffers.Binary;
using System.Numerics;

namespace Postrider.Load.Content;

/// <summary>CRC32C of a body, however it is cut.</summary>
internal struct Checksum
{
    private uint state;

    public Checksum() => state = uint.MaxValue;

    public readonly uint Value => ~state;

    public void Add(ReadOnlySpan<byte> octets)
    {
        var crc = state;
        for (; octets.Length >= sizeof(ulong); octets = octets[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
        foreach (var octet in octets)
            crc = BitOperations.Crc32C(crc, octet);
        state = crc;
    }

    public static uint Of(ReadOnlySpan<byte> octets)
    {
        var checksum = new Checksum();
        checksum.Add(octets);
        return checksum.Value;
    }
}
