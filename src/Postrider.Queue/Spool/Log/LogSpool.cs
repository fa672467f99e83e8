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

    private readonly SpoolFolder _folder;
    private readonly LogSpoolOptions _options;
    private readonly TimeProvider _time;
    private readonly BodyMemory _memory;
    private SpoolKey _key;
    private SpoolIndex _index = new();
    private SegmentPool? _pool;
    private Committer? _committer;
    private ulong _lastId;
    private bool _isClosed;

    /// <summary>Makes a spool; nothing is touched before it is opened.</summary>
    /// <param name="folder">Its folder, made where it is not there.</param>
    /// <param name="options">What can be chosen.</param>
    /// <param name="disk">The disk it lies on.</param>
    /// <param name="time">How long an answer about free space is believed.</param>
    public LogSpool(string folder, LogSpoolOptions options, IDisk disk, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        LogSpoolOptions.Check(options);
        _folder = new SpoolFolder(Path.GetFullPath(folder), disk);
        _options = options;
        _time = time;
        _memory = new BodyMemory(options.BodyMemory);
    }

    /// <summary>What was found damaged when the spool was opened; it goes on with the rest.</summary>
    public IReadOnlyList<SpoolDamage> Damage { get; private set; } = [];

    /// <summary>Envelopes in the spool.</summary>
    public int Count
    {
        get
        {
            lock (_index.Sync)
                return _index.Entries.Count;
        }
    }

    /// <summary>Segments that hold something, or may.</summary>
    public int SegmentCount
    {
        get
        {
            lock (_index.Sync)
                return _index.Segments.Count;
        }
    }

    /// <summary>Why the disk is not written any more, or null: a second error in a row stopped it (rule 11).</summary>
    public Exception? Stopped => _committer?.Stopped;

    /// <inheritdoc/>
    public async ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_committer is not null)
            throw new InvalidOperationException("The spool is open already.");
        await _folder.Disk.RunAsync(() =>
        {
            Open(listener, progress, cancellationToken);
            return true;
        });
        for (var slot = 0; slot < _index.Entries.End; slot++)
        {
            if (_index.Entries[slot].Id != 0)
                listener.Added(_index.Describe(_index.Entries[slot]));
        }
    }

    /// <inheritdoc/>
    public SpoolId NewId() => new(Interlocked.Increment(ref _lastId));

    /// <inheritdoc/>
    public IBodyWriter CreateBody() => new LogBodyWriter(NewId(), _folder, _options, _memory, OpenPool(), _key.Seed);

    /// <inheritdoc/>
    public SpoolFault CanAccept(long size)
    {
        var pool = OpenPool();
        if (_committer!.Stopped is not null)
            return SpoolFault.Failed;
        if (pool.HasRoom(size))
            return _memory.IsUsedUp ? SpoolFault.NoSpace : SpoolFault.None;
        _committer.CallForSpace();
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
        await _committer!.CommitAsync(CommitNode.ForNote(envelope));
    }

    /// <inheritdoc/>
    public ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope)
    {
        OpenPool();
        EntrySlot entry;
        BodySlot body;
        Segment first, second;
        lock (_index.Sync)
        {
            var slot = _index.Entries.Find(envelope.Value);
            if (slot < 0)
                return new((StoredEnvelope?)null);
            entry = _index.Entries[slot];
            body = _index.Bodies[entry.Body];
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
            : _folder.Disk.RunAsync(() => Read(entry, body, first, second));
    }

    /// <inheritdoc/>
    public ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope)
    {
        OpenPool();
        BodySlot body;
        lock (_index.Sync)
        {
            var slot = _index.Entries.Find(envelope.Value);
            if (slot < 0)
                return new((IBodyReader?)null);
            body = _index.Bodies[_index.Entries[slot].Body];
            if (!body.At.IsSpill)
            {
                var segment = Pin(body.At, envelope);
                return new(new LogBodyReader(segment, body, _key.Seed, _folder.Disk, () => Unpin(segment)));
            }
        }
        return OpenSpillAsync(envelope, body);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        if (_committer is null)
            return;
        await _committer.DisposeAsync();
        await _pool!.CloseAsync();
    }

    private void Open(ISpoolListener listener, IProgress<SpoolProgress>? progress, CancellationToken cancellationToken)
    {
        _folder.Create();
        var recovery = new Recovery(_folder, progress, cancellationToken);
        recovery.Run();
        cancellationToken.ThrowIfCancellationRequested();

        var epoch = recovery.Epoch + 1;
        _key = recovery.Key;
        _index = recovery.Index;
        // The epoch is durable before a name is made of it. On a full disk the spool opens all the same, so that it
        // can empty itself: the first segment that finds room says the epoch then.
        CheckButSpace("write", _folder.Identity, Identity.Write(_folder, _key, epoch));
        _lastId = (ulong)epoch << CountBits;
        var pool = new SegmentPool(_folder, _options, _index, _time);
        var recent = new RecentBatches(_options.RecentBatches);
        var hot = new SegmentChain(SegmentKind.Hot, _key, epoch, pool, _index, recent, recovery.HotEnd.Segment, recovery.HotEnd.Offset);
        var cold = new SegmentChain(SegmentKind.Cold, _key, epoch, pool, _index, recent: null, recovery.ColdEnd.Segment, recovery.ColdEnd.Offset);
        var snapshots = new Snapshots(_folder, _options, _key, epoch, _index, pool, hot, cold, recovery.Snapshots, recovery.NextSnapshot, recovery.Replayed);
        recovery.SetAside();
        Damage = recovery.Damage;
        recovery.Fill(pool);
        pool.FreeDead(snapshots.Covered);
        if (pool.FreeCount == 0)
            CheckButSpace("make a segment in", _folder.Segments, pool.CreateFirst());
        // A fresh segment says where the log ended; nothing is written before (rule 9).
        CheckButSpace("begin a segment in", _folder.Segments, hot.Roll(Layout.Block, _index.Sequence + 1));
        if (hot.Active is not null)
            CheckButSpace("write the log in", _folder.Segments, TailCopy.Write(recovery.Unvouched, hot, _key, epoch, _index));
        pool.CloseIdle();
        if (recovery.ReplayedSegments >= ManySegments)
            snapshots.Begin();
        _pool = pool;
        _committer = new Committer(_folder, _options, _key, epoch, _index, pool, hot, cold, snapshots, recent, listener);
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
            : _committer!.CommitAsync(CommitNode.For(commit, _key));

    private StoredEnvelope? Read(in EntrySlot entry, in BodySlot body, Segment first, Segment second)
    {
        try
        {
            var (stored, state) = StoredRecord.ReadEntry(first, second, entry, _key);
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
        var path = _folder.Spill(body.Id);
        IDiskFile? file = null;
        var error = await _folder.Disk.RunAsync(() => _folder.Disk.Open(path, FileUse.Read, out file));
        if (!error.IsError)
            return new LogBodyReader(file!, path, body, _key.Seed, _folder.Disk);
        lock (_index.Sync)
        {
            // Finished meanwhile, and with it went the file.
            if (_index.Entries.Find(envelope.Value) < 0)
                return null;
        }
        throw new SpoolDamageException($"{path}, the body of {envelope}, cannot be opened: {SpoolFolder.Reason(error)}.");
    }

    // Under the lock of the index.
    private Segment Pin(Location at, SpoolId envelope)
    {
        if (!_index.Segments.TryGetValue(at.Segment, out var segment))
            throw new SpoolDamageException($"Segment {at.Segment} in {_folder.Segments} is lost, and with it a part of {envelope}.");
        var error = _pool!.Open(segment);
        if (error.IsError)
            throw new SpoolDamageException($"{segment.Path} cannot be opened: {SpoolFolder.Reason(error)}.");
        segment.Pins++;
        return segment;
    }

    private void Unpin(Segment segment)
    {
        lock (_index.Sync)
            segment.Pins--;
    }

    private SegmentPool OpenPool()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return _pool ?? throw new InvalidOperationException("The spool is not open.");
    }
}
