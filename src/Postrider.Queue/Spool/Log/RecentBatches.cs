using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// The batches written last, in the memory that they were written from: a ring. They go to the disk
/// past the system's cache, so mail that is delivered soon after it came is read here. A batch is found
/// by the number of its segment, which is never used twice.
/// </summary>
internal sealed class RecentBatches
{
    private readonly Lock sync = new();
    private readonly Memory<byte> ring;

    // In the order in which they were written, which is that of segments and offsets.
    private readonly Kept[] kept;
    private int first;
    private int count;
    private int next;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="capacity">Octets, a multiple of 4 KB.</param>
    public RecentBatches(int capacity)
    {
        ring = BlockMemory.Make(capacity);
        kept = new Kept[capacity / Layout.Block];
    }

    /// <summary>The longest batch that it takes: one must not push all others out.</summary>
    public int LongestBatch => ring.Length / 4;

    /// <summary>Memory for the next batch, in place of the oldest ones. It is read by nobody before <see cref="Keep"/>.</summary>
    /// <param name="length">Octets, <see cref="LongestBatch"/> at the most, a multiple of 4 KB.</param>
    public Memory<byte> Reserve(int length)
    {
        lock (sync)
        {
            if (next + length > ring.Length)
            {
                Forget(next, ring.Length);
                next = 0;
            }
            Forget(next, next + length);
        }
        return ring.Slice(next, length);
    }

    /// <summary>What was written to <see cref="Reserve"/>d memory stands in the log now.</summary>
    public void Keep(uint segment, long offset, int length)
    {
        lock (sync)
        {
            kept[(first + count++) % kept.Length] = new Kept(segment, (uint)offset, length, next);
            next += length;
        }
    }

    /// <summary>Whether octets of the log are here, now.</summary>
    public bool Holds(uint segment, long offset, long length)
    {
        lock (sync)
            return Find(segment, offset) is { Length: > 0 } batch && offset + length <= batch.Offset + batch.Length;
    }

    /// <summary>Reads octets of the log.</summary>
    /// <returns>How many: fewer than asked for where the batch ends before, 0 where it is not here (any more).</returns>
    public int Read(uint segment, long offset, Span<byte> target)
    {
        lock (sync)
        {
            if (Find(segment, offset) is not { Length: > 0 } batch)
                return 0;
            var within = (int)(offset - batch.Offset);
            var length = Math.Min(target.Length, batch.Length - within);
            ring.Span.Slice(batch.At + within, length).CopyTo(target);
            return length;
        }
    }

    // Only the oldest can lie in the way.
    private void Forget(int from, int to)
    {
        while (count > 0 && kept[first] is var oldest && oldest.At < to && oldest.At + oldest.Length > from)
        {
            first = (first + 1) % kept.Length;
            count--;
        }
    }

    private Kept Find(uint segment, long offset)
    {
        var low = 0;
        var high = count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var batch = kept[(first + middle) % kept.Length];
            if (batch.Segment < segment || (batch.Segment == segment && batch.Offset + batch.Length <= offset))
                low = middle + 1;
            else
                high = middle;
        }
        return low < count && kept[(first + low) % kept.Length] is var found && found.Segment == segment && found.Offset <= offset ? found : default;
    }

    private readonly record struct Kept(uint Segment, uint Offset, int Length, int At);
}
