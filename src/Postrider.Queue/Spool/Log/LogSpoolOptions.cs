namespace Postrider.Queue.Spool.Log;

/// <summary>What can be chosen of a log spool. The defaults are those of docs/queue-rules.md; tests make all of it small.</summary>
public sealed record LogSpoolOptions
{
    /// <summary>Octets of a segment; 64 MB. A multiple of 4 KB.</summary>
    public int SegmentSize { get; init; } = 64 << 20;

    /// <summary>Octets of the first segment of a new spool; 4 MB (rule 15).</summary>
    public int FirstSegmentSize { get; init; } = 4 << 20;

    /// <summary>The longest body that is kept in memory and stored in the log; 256 KB (rule 7). Larger ones spill.</summary>
    public int LargestLogBody { get; init; } = 256 << 10;

    /// <summary>Octets of memory for the bodies of all sessions together; 256 MB.</summary>
    public long BodyMemory { get; init; } = 256 << 20;

    /// <summary>After how many octets a spilled body is flushed while it arrives; 4 MB.</summary>
    public int SpillFlush { get; init; } = 4 << 20;

    /// <summary>How many octets of log make a snapshot worth while, at the least; 1 GB (rule 16).</summary>
    public long SnapshotAfter { get; init; } = 1 << 30;

    /// <summary>At most so many octets go into one batch, but for a single commit that is larger; 8 MB.</summary>
    public int LargestBatch { get; init; } = 8 << 20;

    /// <summary>How many per cent of the disk are kept for outcomes, reports and the cleaner; 1 (rule 14).</summary>
    public int ReservedPercent { get; init; } = 1;

    // Octets of memory for the batches written last, to be read from.
    internal int RecentBatches { get; init; } = 32 << 20;

    // How many rows of the index a snapshot copies at once, while commits wait.
    internal int SnapshotSlice { get; init; } = 8192;

    internal static void Check(LogSpoolOptions options)
    {
        if (options.SegmentSize < 4 * Layout.Block || options.SegmentSize % Layout.Block != 0)
            throw new ArgumentException("A segment is a multiple of 4 KB, and four of them at least.", nameof(options));
        if (options.FirstSegmentSize < 4 * Layout.Block || options.FirstSegmentSize % Layout.Block != 0)
            throw new ArgumentException("The first segment is a multiple of 4 KB, and four of them at least.", nameof(options));
        if (options.LargestLogBody is < 0 or > 1 << 20)
            throw new ArgumentException("A body in the log has 1 MB at most.", nameof(options));
        if (options.ReservedPercent is < 0 or > 50)
            throw new ArgumentException("0 to 50 per cent of the disk can be reserved.", nameof(options));
    }
}
