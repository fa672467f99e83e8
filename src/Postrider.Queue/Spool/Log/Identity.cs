using System.Buffers.Binary;
using System.Security.Cryptography;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>The file that holds the key of a spool and the number of its last start.</summary>
internal static class Identity
{
    private const int Length = 64;
    private const ulong Magic = 0x31_4B_45_59_50_54_53_50; // "PSTPYEK1"

    public static SpoolKey NewKey()
    {
        Span<byte> random = stackalloc byte[12];
        RandomNumberGenerator.Fill(random);
        return new SpoolKey(BinaryPrimitives.ReadUInt64LittleEndian(random), BinaryPrimitives.ReadUInt32LittleEndian(random[8..]));
    }

    public static DiskError Write(SpoolFolder folder, SpoolKey key, uint epoch)
    {
        var block = new byte[Length];
        BinaryPrimitives.WriteUInt64LittleEndian(block, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(8), key.Mark);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(16), key.Seed);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(20), epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(60), Crc32C.Append(~0u, block.AsSpan(0, 60)));
        return folder.Replace(folder.Identity, block);
    }

    public static bool TryRead(SpoolFolder folder, out SpoolKey key, out uint epoch)
    {
        key = default;
        epoch = 0;
        if (folder.Disk.Open(folder.Identity, FileUse.Read, out var file).IsError)
            return false;
        using (file)
        {
            var block = new byte[Length];
            if (file!.Read(0, block, out var read).IsError || read < Length
                || BinaryPrimitives.ReadUInt64LittleEndian(block) != Magic
                || BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(60)) != Crc32C.Append(~0u, block.AsSpan(0, 60)))
                return false;
            key = new SpoolKey(BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(8)), BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(16)));
            epoch = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(20));
            return true;
        }
    }
}
