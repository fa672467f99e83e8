using System.Buffers.Binary;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>Compares a body that lies whole in memory, as it stands in the log, with its checksums.</summary>
internal static class BodyChecksums
{
    /// <param name="stored">Its octets, and the table behind them where there are several slices.</param>
    /// <param name="length">Octets of the body itself.</param>
    /// <param name="checksum">Of its slice, or of the table.</param>
    /// <param name="seed">Where checksums begin.</param>
    public static bool AreRight(ReadOnlySpan<byte> stored, long length, uint checksum, uint seed)
    {
        var body = stored[..(int)length];
        if (length <= Layout.Slice)
            return Crc32C.Append(seed, body) == checksum;
        var table = stored[(int)length..];
        if (Crc32C.Append(seed, table) != checksum)
            return false;
        for (; !body.IsEmpty; table = table[4..])
        {
            var slice = body[..Math.Min(Layout.Slice, body.Length)];
            if (Crc32C.Append(seed, slice) != BinaryPrimitives.ReadUInt32LittleEndian(table))
                return false;
            body = body[slice.Length..];
        }
        return true;
    }
}
