using System.Buffers;

namespace Postrider.Queue.Spool.Log;

/// <summary>The memory for bodies that have not been committed yet: pooled chunks under one budget (rule 7).</summary>
internal sealed class BodyMemory(long budget)
{
    public const int LargestChunk = 64 << 10;

    private long used;

    /// <summary>Octets in use.</summary>
    public long Used => Volatile.Read(ref used);

    /// <summary>Whether new transactions should wait.</summary>
    public bool IsUsedUp => Used >= budget;

    /// <summary>A chunk for so many octets or fewer; null where the budget is used up, unless it must be.</summary>
    public byte[]? Rent(int wanted, bool isNeeded)
    {
        var size = wanted <= 4096 ? 4096 : wanted <= 16_384 ? 16_384 : LargestChunk;
        if (Interlocked.Add(ref used, size) > budget && !isNeeded)
        {
            Interlocked.Add(ref used, -size);
            return null;
        }
        return ArrayPool<byte>.Shared.Rent(size);
    }

    public void Return(byte[] chunk)
    {
        Interlocked.Add(ref used, -chunk.Length);
        ArrayPool<byte>.Shared.Return(chunk);
    }
}
