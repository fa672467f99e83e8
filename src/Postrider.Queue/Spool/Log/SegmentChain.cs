using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// The segments that are written one after the other, hot or cold. It holds the order on which
/// recovery stands: a segment is synced to its end before the next one's header says where that end
/// is, and the header is synced before a batch follows it (rule 11). Used by the committer alone.
/// </summary>
internal sealed class SegmentChain
{
    private readonly SegmentKind kind;
    private readonly SpoolKey key;
    private readonly uint epoch;
    private readonly SegmentPool pool;
    private readonly SpoolIndex index;
    private readonly RecentBatches? recent;
    private readonly byte[] headerBlock = new byte[Layout.Block];
    private uint previous;
    private uint previousEnd;
    private ulong durableSequence;
    private long lastWrite;
    private (Segment Segment, long At)? failed;
    private bool isDirty;

    public SegmentChain(SegmentKind kind, SpoolKey key, uint epoch, SegmentPool pool, SpoolIndex index, RecentBatches? recent, uint previous, uint previousEnd)
    {
        this.kind = kind;
        this.key = key;
        this.epoch = epoch;
        this.pool = pool;
        this.index = index;
        this.recent = recent;
        this.previous = previous;
        this.previousEnd = previousEnd;
    }

    public SegmentKind Kind => kind;

    /// <summary>The segment that is written, or null before the first and after a failure.</summary>
    public Segment? Active { get; private set; }

    /// <summary>Up to where it has been synced.</summary>
    public uint Durable { get; private set; }

    /// <summary>Where the chain ends: what a snapshot notes.</summary>
    public Location Position => Active is null ? new Location(previous, previousEnd) : new Location(Active.Number, (uint)Active.End);

    /// <summary>Whether a batch can go into the active segment. One that is larger than any gets an empty one.</summary>
    public bool Fits(long length) =>
        Active is not null && (Active.End + length <= Active.Size || (Active.End == Layout.Block && length > Active.Size - Layout.Block));

    /// <summary>Closes the active segment and opens the next.</summary>
    public DiskError Roll(long needed, ulong nextSequence)
    {
        if (Active is not null)
        {
            var synced = Sync();
            if (synced.IsError)
            {
                Fail();
                return synced;
            }
            Close();
        }
        var error = pool.Take(needed + Layout.Block, out var segment);
        if (error.IsError)
            return error;
        new SegmentHeader(key, kind, segment!.Number, epoch, previous, previousEnd, nextSequence).Write(headerBlock);
        error = segment.File!.Write(0, [headerBlock]);
        if (!error.IsError)
            error = segment.File.SyncData();
        if (error.IsError)
        {
            // It may or may not say what it should; another number follows, and this one is left without batches.
            pool.Unlink(segment);
            return error;
        }
        segment.Kind = kind;
        segment.Recent = recent;
        segment.FirstSequence = nextSequence;
        segment.LastSequence = nextSequence - 1;
        segment.End = Layout.Block;
        Durable = Layout.Block;
        durableSequence = nextSequence - 1;
        isDirty = false;
        failed = null;
        Active = segment;
        lock (index.Sync)
        {
            index.AddSegment(segment);
            if (kind == SegmentKind.Hot)
                pool.Active = segment;
        }
        pool.AskSpaceAgain();
        pool.CloseIdle();
        return DiskError.None;
    }

    /// <summary>Writes a batch behind the last one; it is not durable yet.</summary>
    public DiskError Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long length, ulong sequence)
    {
        BeginWrite();
        var error = Active!.File!.Write(Active.End, pieces);
        return error.IsError ? error : EndWrite(length, sequence);
    }

    /// <summary>The same of blocks that lie together.</summary>
    public DiskError Write(ReadOnlyMemory<byte> blocks, ulong sequence)
    {
        BeginWrite();
        var error = Active!.File!.WriteBlocks(Active.End, blocks);
        return error.IsError ? error : EndWrite(blocks.Length, sequence);
    }

    private void BeginWrite()
    {
        isDirty = true;
        lastWrite = Active!.End;
    }

    private DiskError EndWrite(long length, ulong sequence)
    {
        var segment = Active!;
        lock (index.Sync)
        {
            segment.End += length;
            segment.LastSequence = sequence;
        }
        return DiskError.None;
    }

    /// <summary>Makes all that was written durable.</summary>
    public DiskError Sync()
    {
        if (!isDirty)
            return DiskError.None;
        var error = Active!.File!.SyncData();
        if (error.IsError)
            return error;
        Durable = (uint)Active.End;
        durableSequence = Active.LastSequence;
        isDirty = false;
        return DiskError.None;
    }

    /// <summary>Ends the segment where it was last durable: a failed sync says nothing of what lies behind.</summary>
    public void Fail()
    {
        if (Active is null)
            return;
        lock (index.Sync)
        {
            Active.End = Durable;
            Active.LastSequence = durableSequence;
            // It is not used again once nothing in it is needed.
            Active.Size = 0;
            Active.IsFilled = false;
        }
        failed = (Active, lastWrite);
        Close();
    }

    /// <summary>
    /// Where no next segment can be begun to say that the failed batch does not count, wipes its head
    /// out: a restart would find it whole, perhaps, though it was answered by a fault.
    /// </summary>
    public void WipeFailed()
    {
        if (failed is not { Segment.File: { } file, At: var at } || file.Length(out var length).IsError || length <= at)
            return;
        if (!file.Write(at, [new byte[Math.Min(Layout.Block, length - at)]]).IsError)
            _ = file.SyncData();
    }

    private void Close()
    {
        var segment = Active!;
        lock (index.Sync)
        {
            segment.IsSealed = true;
            if (pool.Active == segment)
                pool.Active = null;
        }
        previous = segment.Number;
        previousEnd = (uint)segment.End;
        Active = null;
    }
}
