using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>A file of the log as a start finds it.</summary>
/// <param name="Segment">The segment it holds.</param>
/// <param name="FileNumber">The number in its name.</param>
/// <param name="Length">Its length.</param>
/// <param name="Header">Its header, or null where that is damaged.</param>
internal sealed record SegmentFile(Segment Segment, uint FileNumber, long Length, SegmentHeader? Header)
{
    public SegmentHeader? Header { get; set; } = Header;
}

/// <summary>
/// Finds out what each file of the log holds: a segment, one whose header is lost but whose batches say
/// what it was, nothing, or what is none of this spool's.
/// </summary>
internal sealed class SegmentSearch
{
    private readonly SpoolFolder folder;
    private readonly Action<SpoolDamage> report;
    private readonly List<SegmentFile> files = [];

    public SegmentSearch(SpoolFolder folder, Action<SpoolDamage> report)
    {
        this.folder = folder;
        this.report = report;
    }

    /// <summary>Files that hold a segment, by its number.</summary>
    public IReadOnlyList<SegmentFile> Files => files;

    /// <summary>Files that hold nothing.</summary>
    public List<Segment> Free { get; } = [];

    /// <summary>Files to be set aside.</summary>
    public List<string> SetAside { get; } = [];

    public SpoolKey Key { get; private set; }

    /// <summary>The highest number of a start that was seen.</summary>
    public uint Epoch { get; private set; }

    public uint HighestFile { get; private set; }

    /// <summary>Whether there was no spool before.</summary>
    public bool IsNew { get; private set; }

    public void Run()
    {
        var hasIdentity = Identity.TryRead(folder, out var key, out var epoch);
        Key = key;
        Epoch = epoch;
        Find(hasIdentity);
        if (!hasIdentity && IsNew)
            Key = Identity.NewKey();
        NumberHeadless();
    }

    private void Find(bool hasIdentity)
    {
        foreach (var name in folder.List(folder.Segments))
        {
            var number = SegmentPool.FileNumber(name);
            var path = Path.Combine(folder.Segments, name);
            if (number == 0)
                continue;
            HighestFile = Math.Max(HighestFile, number);
            var segment = new Segment(path) { IsSealed = true };
            var error = folder.Disk.Open(path, FileUse.ReadWrite, out var file);
            long length = 0;
            var header = new byte[SegmentHeader.Length];
            var read = 0;
            if (!error.IsError)
                error = file!.Length(out length);
            if (!error.IsError)
                error = file!.Read(0, header, out read);
            segment.File = file;
            if (error.IsError && file is null)
            {
                Report(path, 0, 0, $"The file cannot be opened: {SpoolFolder.Reason(error)}; what it held is lost.");
                continue;
            }
            SegmentHeader? known = SegmentHeader.TryRead(header.AsSpan(0, read), out var parsed) && (!hasIdentity || parsed.Key == Key) ? parsed : null;
            files.Add(new SegmentFile(segment, number, length, known));
        }
        if (!hasIdentity)
        {
            var newest = files.Where(file => file.Header is not null).MaxBy(file => file.Header!.Value.Number);
            IsNew = newest is null;
            if (newest is not null)
            {
                Key = newest.Header!.Value.Key;
                Report(folder.Identity, 0, 0, "The file is missing or damaged; the key was found in a segment.");
            }
        }
        foreach (var file in files)
        {
            if (file.Header is not { } header)
                continue;
            if (header.Key != Key)
            {
                file.Header = null;
                continue;
            }
            Epoch = Math.Max(Epoch, header.Epoch);
            file.Segment.Number = header.Number;
            file.Segment.Kind = header.Kind;
            file.Segment.FirstSequence = header.FirstSequence;
        }
    }

    // A file whose header is lost may still hold batches, which say what it was.
    private void NumberHeadless()
    {
        foreach (var file in files.Where(file => file.Header is null))
        {
            if (SegmentWalk.FindAnyBatch(file.Segment, Key, out var batch, out var isBlank) && files.TrueForAll(other => other.Segment.Number != batch.Segment))
            {
                file.Segment.Number = batch.Segment;
                file.Segment.Kind = batch.Kind;
                Epoch = Math.Max(Epoch, batch.Epoch);
            }
            else if (!isBlank)
            {
                Report(file.Segment.Path, 0, 0, "The file is no segment of this spool; it was set aside.");
                SetAside.Add(file.Segment.Path);
                file.Segment.File?.Dispose();
                file.Segment.File = null;
            }
            else
            {
                MakeFree(file);
            }
        }
        foreach (var twins in files.Where(file => file.Segment.Number != 0).GroupBy(file => file.Segment.Number).Where(group => group.Count() > 1))
        {
            // One was given up before its first batch, and its number used again by the next start.
            foreach (var twin in twins.OrderByDescending(file => file.Header?.Epoch ?? 0).Skip(1))
            {
                if (!SegmentWalk.FindAnyBatch(twin.Segment, Key, out var batch, out _) || batch.Segment != twin.Segment.Number)
                {
                    MakeFree(twin);
                }
                else
                {
                    Report(twin.Segment.Path, 0, 0, $"The file has the number of another, {twin.Segment.Number}; it was set aside.");
                    SetAside.Add(twin.Segment.Path);
                }
                twin.Segment.Number = 0;
            }
        }
        files.RemoveAll(file => file.Segment.Number == 0);
        files.Sort((a, b) => a.Segment.Number.CompareTo(b.Segment.Number));
    }

    private void MakeFree(SegmentFile file)
    {
        file.Segment.Size = file.Length - (file.Length % Layout.Block);
        file.Segment.IsFilled = true;
        Free.Add(file.Segment);
    }

    private void Report(string file, long offset, long length, string what) => report(new SpoolDamage(file, offset, length, what));
}
