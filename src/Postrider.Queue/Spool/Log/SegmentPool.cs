using System.Globalization;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// The files that segments are made of (rules 12 to 15): free ones wait for their next use, one is
/// filled with zeros ahead of need, those too many are unlinked. It knows how much room there is.
/// </summary>
internal sealed class SegmentPool
{
    private const int FillSlice = 1 << 20;

    // Where zeros go through the cache after all, no more of them wait there than this.
    private const int FillSync = 8 << 20;

    // Files beyond so many are closed while nobody reads them.
    private const int MostOpenFiles = 256;

    private static readonly Memory<byte> Zeros = MakeZeros();

    private static readonly TimeSpan SpaceIsOld = TimeSpan.FromSeconds(1);

    private readonly SpoolFolder folder;
    private readonly LogSpoolOptions options;
    private readonly SpoolIndex index;
    private readonly TimeProvider time;
    private readonly bool isFilling;
    private readonly List<Segment> free = [];
    private readonly Lock filling = new();
    private Segment? filled;
    private Task fill = Task.CompletedTask;
    private bool isClosing;
    private uint nextFile = 1;
    private uint nextNumber = 1;
    private long diskFree;
    private long diskTotal;
    private long spaceAsked;
    private bool isSpaceKnown;

    public SegmentPool(SpoolFolder folder, LogSpoolOptions options, SpoolIndex index, TimeProvider time)
    {
        this.folder = folder;
        this.options = options;
        this.index = index;
        this.time = time;
        isFilling = !folder.Disk.IsCopyOnWrite(folder.Path);
        KeepFree = 2 + (int)Math.Min(1000, (options.SnapshotAfter / options.SegmentSize) + 1);
    }

    /// <summary>The segment that new mail goes to; it counts as room.</summary>
    public Segment? Active { get; set; }

    /// <summary>How many free segments are kept beside those that are still to come back before the next snapshot.</summary>
    public int KeepFree { get; set; }

    public int FreeCount
    {
        get
        {
            lock (index.Sync)
                return free.Count;
        }
    }

    /// <summary>Numbers that were seen on the disk are not used again.</summary>
    public void Seen(uint fileNumber, uint number)
    {
        nextFile = Math.Max(nextFile, fileNumber + 1);
        nextNumber = Math.Max(nextNumber, number + 1);
    }

    /// <summary>Takes a file that holds nothing that is needed.</summary>
    /// <param name="segment">The file.</param>
    /// <param name="mayBeSmall">Whether one as small as the first of a spool will do.</param>
    public void AddFree(Segment segment, bool mayBeSmall = false)
    {
        lock (index.Sync)
        {
            var smallest = mayBeSmall && free.Count == 0 ? options.FirstSegmentSize : options.SegmentSize;
            if (segment.Size >= smallest && free.Count < KeepFree)
            {
                free.Add(segment);
                return;
            }
        }
        Unlink(segment);
    }

    /// <summary>Frees segments of which nothing is needed up to a batch that two durable snapshots cover.</summary>
    public void FreeDead(ulong covered)
    {
        List<Segment>? dead = null;
        lock (index.Sync)
        {
            foreach (var segment in index.Segments.Values)
            {
                if (segment is { IsSealed: true, IsDead: true, Pins: 0 } && segment.LastSequence <= covered)
                    (dead ??= []).Add(segment);
            }
            foreach (var segment in dead ?? [])
                index.RemoveSegment(segment);
        }
        foreach (var segment in dead ?? [])
            AddFree(segment);
    }

    /// <summary>Takes a segment for its next use; nothing of it is on the disk yet but, durably, its name.</summary>
    public DiskError Take(long needed, out Segment? segment)
    {
        lock (index.Sync)
        {
            segment = free.Count > 0 ? free[^1] : null;
            if (segment is not null)
                free.RemoveAt(free.Count - 1);
        }
        if (segment is null)
        {
            // One that is being filled is better than none (rule 15).
            lock (filling)
            {
                segment = filled;
                filled = null;
            }
        }
        var error = segment is null ? Create(Math.Max(options.SegmentSize, needed), out segment) : DiskError.None;
        if (error.IsError)
            return error;
        segment!.Number = nextNumber++;
        segment.IsSealed = false;
        segment.End = 0;
        return Open(segment);
    }

    /// <summary>Makes the file of a segment; its name is durable when it returns.</summary>
    public DiskError Create(long size, out Segment? segment)
    {
        segment = null;
        var path = folder.Segment(Interlocked.Increment(ref nextFile) - 1);
        var error = folder.Disk.Open(path, FileUse.CreateNew, out var file);
        if (error.IsError)
            return error;
        error = folder.Disk.SyncDirectory(folder.Segments);
        if (error.IsError)
        {
            file!.Dispose();
            _ = folder.Disk.Delete(path);
            return error;
        }
        segment = new Segment(path) { File = file, Size = size };
        return DiskError.None;
    }

    /// <summary>Opens the file of a segment if it is not. Under the lock of the index, or while only one knows it.</summary>
    public DiskError Open(Segment segment)
    {
        if (segment.File is not null)
            return DiskError.None;
        var error = folder.Disk.Open(segment.Path, FileUse.ReadWrite, out var file);
        segment.File = file;
        return error;
    }

    /// <summary>Closes files that nobody uses, where there are many.</summary>
    public void CloseIdle()
    {
        lock (index.Sync)
        {
            if (index.Segments.Count <= MostOpenFiles)
                return;
            foreach (var segment in index.Segments.Values)
            {
                if (segment is not { IsSealed: true, Pins: 0, File: { } file })
                    continue;
                file.Dispose();
                segment.File = null;
            }
        }
    }

    /// <summary>
    /// Whether new mail of this size finds room: what is filled and free, and what the disk has, less
    /// the reserve (rule 14).
    /// </summary>
    public bool HasRoom(long octets) => Room(isReserveKept: true) >= octets + (2L * options.SegmentSize);

    /// <summary>Whether the cleaner should look for something to do.</summary>
    public bool IsShort => Room(isReserveKept: true) < 4L * options.SegmentSize;

    /// <summary>Forgets what the disk said about its space.</summary>
    public void AskSpaceAgain() => Volatile.Write(ref isSpaceKnown, false);

    /// <summary>Begins to fill a segment ahead, where the last one is half used and none waits.</summary>
    public void Prepare(Segment active)
    {
        if (!isFilling || active.End < active.Size / 2 || !fill.IsCompleted || isClosing)
            return;
        lock (filling)
        {
            if (filled is not null)
                return;
        }
        if (FreeCount == 0 && Room(isReserveKept: true) >= 3L * options.SegmentSize)
            fill = FillAsync();
    }

    /// <summary>Fills a small segment at once: the first of a start.</summary>
    public DiskError CreateFirst()
    {
        var error = Create(options.FirstSegmentSize, out var segment);
        if (error.IsError)
            return error;
        if (isFilling)
        {
            error = FillTo(segment!, segment!.Size);
            if (!error.IsError)
                error = segment.File!.SyncData();
            segment.IsFilled = true;
        }
        if (error.IsError)
        {
            Unlink(segment!);
            return error;
        }
        lock (index.Sync)
            free.Add(segment!);
        return DiskError.None;
    }

    /// <summary>Ends the filling and closes all files.</summary>
    public async ValueTask CloseAsync()
    {
        lock (filling)
            isClosing = true;
        await fill;
        lock (index.Sync)
        {
            foreach (var segment in index.Segments.Values.Concat(free))
            {
                segment.File?.Dispose();
                segment.File = null;
            }
        }
    }

    /// <summary>Removes the file of a segment.</summary>
    public void Unlink(Segment segment)
    {
        segment.File?.Dispose();
        segment.File = null;
        _ = folder.Disk.Delete(segment.Path);
        AskSpaceAgain();
    }

    /// <summary>The number in the name of a file; 0 where it is no segment's.</summary>
    public static uint FileNumber(string name) =>
        name.Length == 8 && uint.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private async Task FillAsync()
    {
        Segment? segment = null;
        var error = await folder.Disk.RunAsync(() => Create(options.SegmentSize, out segment));
        if (error.IsError)
            return;
        lock (filling)
            filled = segment;
        for (long done = 0; done < segment!.Size && !error.IsError && !isClosing; done += FillSlice)
        {
            var to = Math.Min(segment.Size, done + FillSlice);
            error = await folder.Disk.RunAsync(() =>
            {
                // Once the log has taken it, not an octet may be written over it, nor an error of its sync be
                // taken for ours. Slice by slice, so that no batch waits behind a whole segment of zeros.
                lock (filling)
                {
                    if (filled != segment)
                        return DiskError.None;
                    var written = FillTo(segment, to);
                    return written.IsError || (to % FillSync != 0 && to < segment.Size) ? written : segment.File!.SyncData();
                }
            });
        }
        bool isOurs;
        lock (filling)
        {
            isOurs = filled == segment;
            if (isOurs)
                filled = null;
        }
        // Once the log has taken it, it is no longer ours to give away or to remove.
        if (isOurs && !error.IsError && !isClosing)
        {
            segment.IsFilled = true;
            lock (index.Sync)
                free.Add(segment);
        }
        else if (isOurs)
        {
            Unlink(segment);
        }
        AskSpaceAgain();
    }

    private static DiskError FillTo(Segment segment, long to)
    {
        var error = segment.File!.Length(out var from);
        if (error.IsError || from >= to)
            return error;
        // Past the cache: it would only be filled with zeros.
        for (; from < to && !error.IsError; from += Zeros.Length)
            error = segment.File.WriteBlocks(from, Zeros[..(int)Math.Min(to - from, Zeros.Length)]);
        return error;
    }

    private static Memory<byte> MakeZeros()
    {
        var zeros = BlockMemory.Make(256 << 10);
        zeros.Span.Clear();
        return zeros;
    }

    private long Room(bool isReserveKept)
    {
        AskSpace();
        var disk = Volatile.Read(ref diskFree);
        if (isReserveKept)
            disk -= Volatile.Read(ref diskTotal) / 100 * options.ReservedPercent;
        long room = Math.Max(0, disk);
        lock (index.Sync)
        {
            foreach (var segment in free)
                room += segment.IsFilled ? segment.Size : 0;
            if (Active is { IsFilled: true } active)
                room += Math.Max(0, active.Size - active.End);
        }
        return room;
    }

    private void AskSpace()
    {
        if (Volatile.Read(ref isSpaceKnown) && time.GetElapsedTime(Volatile.Read(ref spaceAsked)) < SpaceIsOld)
            return;
        Volatile.Write(ref spaceAsked, time.GetTimestamp());
        // Where the disk does not say, only its own errors can tell.
        if (folder.Disk.Space(folder.Path, out var free, out var total).IsError)
            (free, total) = (long.MaxValue / 4, 0);
        Volatile.Write(ref diskFree, free);
        Volatile.Write(ref diskTotal, total);
        Volatile.Write(ref isSpaceKnown, true);
    }
}
