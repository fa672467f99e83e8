using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// The durable spool of one machine: a segmented log with group commit, and an index of it in memory.
/// Its folder belongs to one process at a time, which <see cref="DataFolderLock"/> sees to.
/// </summary>
public sealed class LogSpool : ISpool
{
    // Identifiers: the number of the start, and a count. A start has 10^12 of them, a spool 16 million starts.
    private const int CountBits = 40;

    // So many segments replayed at a start call for a snapshot, though little stands in them.
    private const int ManySegments = 8;

    private readonly SpoolFolder folder;
    private readonly LogSpoolOptions options;
    private readonly TimeProvider time;
    private readonly BodyMemory memory;
    private SpoolKey key;
    private SpoolIndex index = new();
    private SegmentPool? pool;
    private Committer? committer;
    private ulong lastId;
    private bool isClosed;

    /// <summary>Makes a spool; nothing is touched before it is opened.</summary>
    /// <param name="folder">Its folder, made where it is not there.</param>
    /// <param name="options">What can be chosen.</param>
    /// <param name="disk">The disk it lies on.</param>
    /// <param name="time">How long an answer about free space is believed.</param>
    public LogSpool(string folder, LogSpoolOptions options, IDisk disk, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        LogSpoolOptions.Check(options);
        this.folder = new SpoolFolder(Path.GetFullPath(folder), disk);
        this.options = options;
        this.time = time;
        memory = new BodyMemory(options.BodyMemory);
    }

    /// <summary>What was found damaged when the spool was opened; it goes on with the rest.</summary>
    public IReadOnlyList<SpoolDamage> Damage { get; private set; } = [];

    /// <summary>Envelopes in the spool.</summary>
    public int Count
    {
        get
        {
            lock (index.Sync)
                return index.Entries.Count;
        }
    }

    /// <summary>Segments that hold something, or may.</summary>
    public int SegmentCount
    {
        get
        {
            lock (index.Sync)
                return index.Segments.Count;
        }
    }

    /// <summary>Why the disk is not written any more, or null: a second error in a row stopped it (rule 11).</summary>
    public Exception? Stopped => committer?.Stopped;

    /// <inheritdoc/>
    public async ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (committer is not null)
            throw new InvalidOperationException("The spool is open already.");
        await folder.Disk.RunAsync(() =>
        {
            Open(listener, progress, cancellationToken);
            return true;
        });
        for (var slot = 0; slot < index.Entries.End; slot++)
        {
            if (index.Entries[slot].Id != 0)
                listener.Added(index.Describe(index.Entries[slot]));
        }
    }

    /// <inheritdoc/>
    public SpoolId NewId() => new(Interlocked.Increment(ref lastId));

    /// <inheritdoc/>
    public IBodyWriter CreateBody() => new LogBodyWriter(NewId(), folder, options, memory, OpenPool(), key.Seed);

    /// <inheritdoc/>
    public SpoolFault CanAccept(long size)
    {
        var segments = OpenPool();
        if (committer!.Stopped is not null)
            return SpoolFault.Failed;
        if (segments.HasRoom(size))
            return memory.IsUsedUp ? SpoolFault.NoMemory : SpoolFault.None;
        committer.CallForSpace();
        return SpoolFault.NoSpace;
    }

    /// <inheritdoc/>
    public ValueTask<SpoolFault> CommitAsync(SpoolCommit commit)
    {
        OpenPool();
        CommitCheck.CheckAlone(commit);
        foreach (var written in commit.Bodies)
        {
            if (written is not LogBodyWriter body)
                throw new InvalidOperationException($"Body {written.Id} is of another spool.");
            var sealing = body.SealAsync();
            if (!sealing.IsCompletedSuccessfully)
                return CommitSpilledAsync(commit, sealing);
            var fault = sealing.Result;
            if (fault != SpoolFault.None)
                return new(fault);
        }
        return CommitSealed(commit);
    }

    /// <inheritdoc/>
    public async ValueTask NoteAttemptAsync(SpoolId envelope)
    {
        OpenPool();
        // What a failing disk does not take is not noted: the outcome will meet the same disk.
        await committer!.CommitAsync(CommitNode.ForNote(envelope));
    }

    /// <inheritdoc/>
    public ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope)
    {
        OpenPool();
        EntrySlot entry;
        BodySlot body;
        Segment first, second;
        lock (index.Sync)
        {
            var slot = index.Entries.Find(envelope.Value);
            if (slot < 0)
                return new((StoredEnvelope?)null);
            entry = index.Entries[slot];
            body = index.Bodies[entry.Body];
            first = Pin(entry.Envelope, envelope);
            try
            {
                second = Pin(entry.State, envelope);
            }
            catch
            {
                first.Pins--;
                throw;
            }
        }
        // Whether a record is in memory is seen by its head: it lies in one batch as a whole.
        return first.IsInMemory(entry.Envelope.Offset, Layout.RecordHeader) && second.IsInMemory(entry.State.Offset, Layout.RecordHeader)
            ? new(Read(entry, body, first, second))
            : folder.Disk.RunAsync(() => Read(entry, body, first, second));
    }

    /// <inheritdoc/>
    public ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope)
    {
        OpenPool();
        BodySlot body;
        lock (index.Sync)
        {
            var slot = index.Entries.Find(envelope.Value);
            if (slot < 0)
                return new((IBodyReader?)null);
            body = index.Bodies[index.Entries[slot].Body];
            if (!body.At.IsSpill)
            {
                var segment = Pin(body.At, envelope);
                return new(new LogBodyReader(segment, body, key.Seed, folder.Disk, () => Unpin(segment)));
            }
        }
        return OpenSpillAsync(envelope, body);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (isClosed)
            return;
        isClosed = true;
        if (committer is null)
            return;
        await committer.DisposeAsync();
        await pool!.CloseAsync();
    }

    private void Open(ISpoolListener listener, IProgress<SpoolProgress>? progress, CancellationToken cancellationToken)
    {
        folder.Create();
        var recovery = new Recovery(folder, progress, cancellationToken);
        recovery.Run();
        cancellationToken.ThrowIfCancellationRequested();

        var epoch = recovery.Epoch + 1;
        key = recovery.Key;
        index = recovery.Index;
        // The epoch is durable before a name is made of it. On a full disk the spool opens all the same, so that it
        // can empty itself: the first segment that finds room says the epoch then.
        CheckButSpace("write", folder.Identity, Identity.Write(folder, key, epoch));
        lastId = (ulong)epoch << CountBits;
        var made = new SegmentPool(folder, options, index, time);
        var recent = new RecentBatches(options.RecentBatches);
        var hot = new SegmentChain(SegmentKind.Hot, key, epoch, made, index, recent, recovery.HotEnd.Segment, recovery.HotEnd.Offset);
        var cold = new SegmentChain(SegmentKind.Cold, key, epoch, made, index, recent: null, recovery.ColdEnd.Segment, recovery.ColdEnd.Offset);
        var snapshots = new Snapshots(folder, options, key, epoch, index, made, hot, cold, recovery.Snapshots, recovery.NextSnapshot, recovery.Replayed);
        recovery.SetAside();
        Damage = recovery.Damage;
        recovery.Fill(made);
        made.FreeDead(snapshots.Covered);
        if (made.FreeCount == 0)
            CheckButSpace("make a segment in", folder.Segments, made.CreateFirst());
        // A fresh segment says where the log ended; nothing is written before (rule 9).
        CheckButSpace("begin a segment in", folder.Segments, hot.Roll(Layout.Block, index.Sequence + 1));
        if (hot.Active is not null)
            CheckButSpace("write the log in", folder.Segments, TailCopy.Write(recovery.Unvouched, hot, key, epoch, index));
        made.CloseIdle();
        if (recovery.ReplayedSegments >= ManySegments)
            snapshots.Begin();
        pool = made;
        committer = new Committer(folder, options, key, epoch, index, pool, hot, cold, snapshots, recent, listener);
    }

    private static void CheckButSpace(string doing, string path, DiskError error)
    {
        if (!error.IsNoSpace)
            SpoolFolder.Check(doing, path, error);
    }

    private async ValueTask<SpoolFault> CommitSpilledAsync(SpoolCommit commit, ValueTask<SpoolFault> first)
    {
        var fault = await first;
        if (fault != SpoolFault.None)
            return fault;
        foreach (var body in commit.Bodies)
        {
            fault = await ((LogBodyWriter)body).SealAsync();
            if (fault != SpoolFault.None)
                return fault;
        }
        return await CommitSealed(commit);
    }

    private ValueTask<SpoolFault> CommitSealed(SpoolCommit commit) =>
        commit.Bodies.Count + commit.Envelopes.Count + commit.Changes.Count == 0
            ? new(SpoolFault.None)
            : committer!.CommitAsync(CommitNode.For(commit, key));

    private StoredEnvelope? Read(in EntrySlot entry, in BodySlot body, Segment first, Segment second)
    {
        try
        {
            var (stored, state) = StoredRecord.ReadEntry(first, second, entry, key);
            return StoredEnvelope.Of(stored, state, body.Length);
        }
        finally
        {
            Unpin(first);
            Unpin(second);
        }
    }

    private async ValueTask<IBodyReader?> OpenSpillAsync(SpoolId envelope, BodySlot body)
    {
        var path = folder.Spill(body.Id);
        IDiskFile? file = null;
        var error = await folder.Disk.RunAsync(() => folder.Disk.Open(path, FileUse.Read, out file));
        if (!error.IsError)
            return new LogBodyReader(file!, path, body, key.Seed, folder.Disk);
        lock (index.Sync)
        {
            // Finished meanwhile, and with it went the file.
            if (index.Entries.Find(envelope.Value) < 0)
                return null;
        }
        throw new SpoolDamageException($"{path}, the body of {envelope}, cannot be opened: {SpoolFolder.Reason(error)}.");
    }

    // Under the lock of the index.
    private Segment Pin(Location at, SpoolId envelope)
    {
        if (!index.Segments.TryGetValue(at.Segment, out var segment))
            throw new SpoolDamageException($"Segment {at.Segment} in {folder.Segments} is lost, and with it a part of {envelope}.");
        var error = pool!.Open(segment);
        if (error.IsError)
            throw new SpoolDamageException($"{segment.Path} cannot be opened: {SpoolFolder.Reason(error)}.");
        segment.Pins++;
        return segment;
    }

    private void Unpin(Segment segment)
    {
        lock (index.Sync)
            segment.Pins--;
    }

    private SegmentPool OpenPool()
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        return pool ?? throw new InvalidOperationException("The spool is not open.");
    }
}
