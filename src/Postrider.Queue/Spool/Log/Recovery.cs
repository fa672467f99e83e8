using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// Opens what a spool left behind (rules 9, 11, 16): the newest whole snapshot, and the log behind it
/// in the order of its batches. It only reads; what it found damaged is set aside by
/// <see cref="SetAside"/> once the start has gone far enough to be final.
/// </summary>
internal sealed class Recovery
{
    private const long ReportEvery = 1 << 20;

    private readonly SpoolFolder folder;
    private readonly IProgress<SpoolProgress>? progress;
    private readonly CancellationToken cancellationToken;
    private readonly SegmentSearch search;
    private readonly List<SpoolDamage> damage = [];
    private ulong snapshot;
    private long done;
    private long total;
    private long reported;

    public Recovery(SpoolFolder folder, IProgress<SpoolProgress>? progress, CancellationToken cancellationToken)
    {
        this.folder = folder;
        this.progress = progress;
        this.cancellationToken = cancellationToken;
        search = new SegmentSearch(folder, damage.Add);
    }

    public SpoolKey Key => search.Key;

    /// <summary>The number of the last start.</summary>
    public uint Epoch { get; private set; }

    public SpoolIndex Index { get; private set; } = new();

    /// <summary>What was found damaged.</summary>
    public IReadOnlyList<SpoolDamage> Damage => damage;

    /// <summary>Where the chains end.</summary>
    public Location HotEnd { get; private set; }

    public Location ColdEnd { get; private set; }

    /// <summary>Whole snapshots, in order.</summary>
    public List<(ulong Number, ulong Sequence)> Snapshots { get; } = [];

    public ulong NextSnapshot { get; private set; } = 1;

    /// <summary>Octets of log that were replayed.</summary>
    public long Replayed { get; private set; }

    /// <summary>Segments of the hot chain that were replayed.</summary>
    public int ReplayedSegments { get; private set; }

    /// <summary>Batches at the ends of the chains for which no later one vouches, in the order they were written.</summary>
    public List<(Segment Segment, BatchHeader Header)> Unvouched { get; } = [];

    public void Run()
    {
        search.Run();
        Epoch = search.Epoch;

        var position = LoadSnapshot();
        var hot = ChainPart.Of(search.Files, SegmentKind.Hot, position.Hot, folder, damage);
        var cold = ChainPart.Of(search.Files, SegmentKind.Cold, position.Cold, folder, damage);
        total = hot.Concat(cold).Sum(part => part.File.Length - part.From);
        done = 0;
        reported = 0;
        Index.Sequence = snapshot = position.Sequence;
        Replay(hot, cold);
        Unvouched.Sort((a, b) => a.Header.Sequence.CompareTo(b.Header.Sequence));
        HotEnd = ChainPart.EndOf(hot, position.Hot);
        ColdEnd = ChainPart.EndOf(cold, position.Cold);
        ReplayedSegments = hot.Count;
        Index.DropUnusedBodies();
        new PlaceCheck(folder, Index, damage).Run();
        SyncTail(HotEnd);
        SyncTail(ColdEnd);
    }

    /// <summary>Gives the segments that hold nothing to the pool, and tells it which numbers have been used.</summary>
    public void Fill(SegmentPool pool)
    {
        pool.Seen(search.HighestFile, Math.Max(HotEnd.Segment, ColdEnd.Segment));
        foreach (var file in search.Files)
            pool.Seen(file.FileNumber, file.Segment.Number);
        foreach (var segment in search.Free)
            pool.AddFree(segment, mayBeSmall: true);
    }

    /// <summary>Puts what is damaged where it is out of the way but not lost, and removes what an interrupted run left.</summary>
    public void SetAside() => Quarantine.Fill(folder, Index, search.SetAside, damage);

    private SnapshotHeader LoadSnapshot()
    {
        var found = new List<(ulong Number, SnapshotHeader Header, IDiskFile File, long Length)>();
        foreach (var name in folder.List(folder.Snapshots))
        {
            var number = Log.Snapshots.FileNumber(name);
            if (number == 0)
                continue;
            NextSnapshot = Math.Max(NextSnapshot, number + 1);
            var path = folder.Snapshot(number);
            var block = new byte[SnapshotHeader.Length];
            if (!folder.Disk.Open(path, FileUse.Read, out var file).IsError
                && !file!.Length(out var length).IsError
                && !file.Read(0, block, out _).IsError
                && SnapshotHeader.TryRead(block, Key, out var header))
            {
                found.Add((number, header, file, length));
                continue;
            }
            file?.Dispose();
            Report(path, 0, 0, "The snapshot is damaged; it was set aside.");
            search.SetAside.Add(path);
        }
        SnapshotHeader? loaded = null;
        foreach (var (number, header, file, length) in found.OrderByDescending(snapshot => snapshot.Number))
        {
            using (file)
            {
                if (loaded is null)
                {
                    total = length;
                    reported = 0;
                    PrepareIndex();
                    if (!SnapshotFile.TryLoad(file, Key, Index, Progress, cancellationToken))
                    {
                        Report(folder.Snapshot(number), 0, 0, "The snapshot is damaged; it was set aside, and an older one or the whole log is read.");
                        search.SetAside.Add(folder.Snapshot(number));
                        continue;
                    }
                    loaded = header;
                }
                Epoch = Math.Max(Epoch, header.Epoch);
                Snapshots.Insert(0, (number, header.Sequence));
            }
        }
        if (loaded is not null)
            return loaded.Value;
        PrepareIndex();
        return default;
    }

    private void PrepareIndex()
    {
        Index = new SpoolIndex { IsReplaying = true };
        foreach (var file in search.Files)
        {
            file.Segment.LiveBodies = 0;
            file.Segment.LiveBodyOctets = 0;
            file.Segment.LiveRecords = 0;
            Index.AddSegment(file.Segment);
        }
    }

    private void Replay(List<ChainPart> hot, List<ChainPart> cold)
    {
        using var first = Walk(hot).GetEnumerator();
        using var second = Walk(cold).GetEnumerator();
        var hasFirst = first.MoveNext();
        var hasSecond = second.MoveNext();
        while (hasFirst || hasSecond)
        {
            // Both chains share one sequence: what happened first is applied first.
            if (hasFirst && (!hasSecond || first.Current.Header.Sequence < second.Current.Header.Sequence))
            {
                Apply(first.Current);
                hasFirst = first.MoveNext();
            }
            else
            {
                Apply(second.Current);
                hasSecond = second.MoveNext();
            }
        }
    }

    private IEnumerable<ReplayBatch> Walk(List<ChainPart> parts)
    {
        foreach (var part in parts)
        {
            var segment = part.File.Segment;
            var walk = new SegmentWalk(segment, Key, part.File.Header?.Epoch ?? 0, part.From, part.KnownEnd, part.File.Length, damage.Add);
            var last = Index.Sequence;
            foreach (var batch in walk.Batches())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Replayed += batch.Header.Length;
                Progress(done + batch.End - part.From);
                // A batch of the cleaner that failed may be found whole later; a snapshot has gone on from before it.
                if (batch.Header.Sequence <= snapshot)
                {
                    batch.Return();
                    continue;
                }
                last = batch.Header.Sequence;
                if (!batch.IsVouched)
                    Unvouched.Add((segment, batch.Header));
                yield return batch;
            }
            segment.End = walk.End;
            if (segment.LastSequence == ulong.MaxValue)
                segment.LastSequence = Math.Max(last, Index.Sequence);
            done += part.File.Length - part.From;
        }
    }

    private void Apply(ReplayBatch batch)
    {
        Index.Sequence = Math.Max(Index.Sequence, batch.Header.Sequence);
        var records = batch.Records.AsSpan(0, (int)batch.Header.RecordsLength);
        try
        {
            if (batch.Salvaged is { } salvaged)
            {
                foreach (var (at, body) in salvaged)
                {
                    var next = body;
                    if (Record.TryRead(records[at..], Key, out var record))
                        Index.Apply(record, new Location(batch.Segment.Number, batch.RecordsStart + (uint)at), ref next, changes: null);
                }
                return;
            }
            var nextBody = batch.BodiesStart;
            for (var at = 0; at < records.Length;)
            {
                if (!Record.TryRead(records[at..], Key, out var record))
                    break;
                Index.Apply(record, new Location(batch.Segment.Number, batch.RecordsStart + (uint)at), ref nextBody, changes: null);
                at += (int)Layout.Align8(Layout.RecordHeader + record.Payload.Length);
            }
        }
        catch (InvalidDataException failure)
        {
            Report(batch.Segment.Path, batch.Header.Offset, batch.Header.Length, $"A batch cannot be read: {failure.Message}");
        }
        finally
        {
            batch.Return();
        }
    }

    // What was read may be in the cache alone: a killed process leaves it there, and it counts from now on.
    private void SyncTail(Location end)
    {
        if (Index.Segments.GetValueOrDefault(end.Segment) is { File: { } file } segment)
            SpoolFolder.Check("sync", segment.Path, file.SyncData());
    }

    private void Progress(long done)
    {
        if (progress is null || done - reported < Math.Max(ReportEvery, total / 100))
            return;
        reported = done;
        progress.Report(new SpoolProgress(Math.Min(done, total), total, Index.Entries.Count));
    }

    private void Report(string file, long offset, long length, string what) => damage.Add(new SpoolDamage(file, offset, length, what));
}
