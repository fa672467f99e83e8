using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// One file of the log in its present use, and what of it is still needed. All of it is read and
/// written under the lock of the index, but the file itself.
/// </summary>
internal sealed class Segment(string path)
{
    public string Path { get; } = path;

    /// <summary>Open while someone reads or writes it, and some time longer.</summary>
    public IDiskFile? File { get; set; }

    /// <summary>Where what was written to it last may still be; null for a segment of an earlier run.</summary>
    public RecentBatches? Recent { get; set; }

    public uint Number { get; set; }

    public SegmentKind Kind { get; set; }

    /// <summary>Where the log in it ends: behind are zeros, an earlier use, or what was never acknowledged.</summary>
    public long End { get; set; }

    /// <summary>How long the file is meant to be; a single commit that is longer makes it longer.</summary>
    public long Size { get; set; }

    /// <summary>Whether the file has its blocks, so that writing into it needs no space.</summary>
    public bool IsFilled { get; set; }

    /// <summary>No more is written to it.</summary>
    public bool IsSealed { get; set; }

    public ulong FirstSequence { get; set; }

    /// <summary>The last batch in it, or a number that is not lower.</summary>
    public ulong LastSequence { get; set; }

    /// <summary>Readers that hold it.</summary>
    public int Pins { get; set; }

    /// <summary>Records of envelopes and states that are in force.</summary>
    public int LiveRecords { get; set; }

    public int LiveBodies { get; set; }

    /// <summary>Octets of live bodies.</summary>
    public long LiveBodyOctets { get; set; }

    /// <summary>Reads what has been written, up to the end of a batch; while it is pinned and its file is open.</summary>
    public DiskError Read(long offset, Span<byte> target, out int read)
    {
        read = Recent?.Read(Number, offset, target) ?? 0;
        return read > 0 ? DiskError.None : File!.Read(offset, target, out read);
    }

    /// <summary>Whether reading these octets asks nothing of the disk.</summary>
    public bool IsInMemory(long offset, long length) => Recent?.Holds(Number, offset, length) == true;

    public bool IsDead => LiveRecords == 0 && LiveBodies == 0;

    /// <summary>How many per cent of it are live, a record taken for 512 octets.</summary>
    public int LivePercent => (int)((LiveBodyOctets + (LiveRecords * 512L)) * 100 / Math.Max(1, End));
}
