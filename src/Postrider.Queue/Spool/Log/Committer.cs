using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// The one writer of the log: it takes what commits are waiting, writes them as one batch with one
/// call and one sync, applies them to the index and lets them go. While it does, the next gather.
/// A commit is checked against the index when its batch is formed; one that builds on another of the
/// same batch waits for the next, so that a batch that fails leaves nothing to undo.
/// </summary>
internal sealed class Committer : IAsyncDisposable
{
    private readonly SpoolFolder _folder;
    private readonly LogSpoolOptions _options;
    private readonly SpoolKey _key;
    private readonly uint _epoch;
    private readonly SpoolIndex _index;
    private readonly SegmentPool _pool;
    private readonly SegmentChain _hot;
    private readonly ISpoolListener _listener;
    private readonly Cleaner _cleaner;
    private readonly Snapshots _snapshots;

    private readonly Lock _gate = new();
    private readonly Queue<CommitNode> _arrived = [];
    private readonly Queue<CommitNode> _waiting = [];
    private readonly List<CommitNode> _members = [];
    private readonly List<(CommitNode Node, SpoolFault Fault, Exception? Reason)> _refused = [];
    private readonly HashSet<ulong> _touchedEntries = [];
    private readonly HashSet<ulong> _touchedBodies = [];
    private readonly Batch _batch;
    private readonly IndexChanges _changes = new();
    private readonly Func<bool> _drain;
    private ulong _nextSequence;
    private int _failures;
    private bool _isRunning;
    private bool _isCalled;
    private bool _isClosed;
    private TaskCompletionSource? _idle;
    private volatile Exception? _stopped;

    public Committer(
        SpoolFolder folder,
        LogSpoolOptions options,
        SpoolKey key,
        uint epoch,
        SpoolIndex index,
        SegmentPool pool,
        SegmentChain hot,
        SegmentChain cold,
        Snapshots snapshots,
        RecentBatches recent,
        ISpoolListener listener)
    {
        _folder = folder;
        _options = options;
        _key = key;
        _epoch = epoch;
        _index = index;
        _pool = pool;
        _hot = hot;
        _listener = listener;
        _snapshots = snapshots;
        _batch = new Batch(recent);
        _cleaner = new Cleaner(key, epoch, index, pool, cold);
        _nextSequence = index.Sequence + 1;
        _drain = Drain;
    }

    /// <summary>Why it does not write any more, or null.</summary>
    public Exception? Stopped => _stopped;

    public ValueTask<SpoolFault> CommitAsync(CommitNode node)
    {
        var result = node.AsValueTask();
        bool isStarting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(LogSpool));
            _arrived.Enqueue(node);
            isStarting = !_isRunning;
            _isRunning = true;
        }
        if (isStarting)
            _folder.Start(_drain);
        return result;
    }

    /// <summary>Looks for space to reclaim, though nothing is to be committed.</summary>
    public void CallForSpace()
    {
        lock (_gate)
        {
            if (_isClosed || _isRunning)
                return;
            _isCalled = true;
            _isRunning = true;
        }
        _folder.Start(_drain);
    }

    /// <summary>Takes no more commits and waits for those that are on their way.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_isRunning)
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        if (_idle is not null)
            await _idle.Task;
        await _snapshots.CloseAsync();
        _cleaner.Dispose();
    }

    private bool Drain()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_arrived.TryDequeue(out var node))
                    _waiting.Enqueue(node);
                if (_waiting.Count == 0 && (_isClosed || _stopped is not null || !(_cleaner.HasWork || _isCalled)))
                {
                    _isRunning = false;
                    _idle?.SetResult();
                    return true;
                }
                _isCalled = false;
            }
            try
            {
                if (_waiting.Count > 0)
                    RunBatch();
                KeepHouse();
            }
#pragma warning disable CA1031 // Whatever it is, nothing may be written behind it, and those who wait must hear of it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _stopped = failure;
                Release(SpoolFault.Failed);
            }
        }
    }

    private void RunBatch()
    {
        _batch.Clear();
        _touchedEntries.Clear();
        _touchedBodies.Clear();
        _changes.Clear();
        if (_stopped is not null)
        {
            while (_waiting.TryDequeue(out var node))
                node.Complete(SpoolFault.Failed);
            return;
        }
        lock (_index.Sync)
        {
            while (_waiting.TryPeek(out var node) && TryAdd(node))
                _waiting.Dequeue();
        }
        foreach (var (node, fault, reason) in _refused)
        {
            if (reason is null)
                node.Complete(fault);
            else
                node.Refuse(reason);
        }
        _refused.Clear();
        if (_members.Count == 0)
            return;
        foreach (var node in _members)
        {
            foreach (var body in node.Commit?.Bodies ?? [])
                ((LogBodyWriter)body).AddPieces(_batch.Bodies);
        }

        var length = _batch.Length;
        var error = _hot.Fits(length) ? DiskError.None : _hot.Roll(length, _nextSequence);
        var sequence = _nextSequence;
        if (!error.IsError)
        {
            _nextSequence++;
            error = _batch.Write(_hot, _key, _epoch, sequence);
        }
        // Notes are in the file now, which is all that they need (rule 19): a batch of nothing else is not synced.
        if (!error.IsError && _members.Exists(node => node.Commit is not null))
            error = _hot.Sync();
        if (error.IsError)
        {
            Fail(error);
            return;
        }
        _failures = 0;
        _batch.ApplyTo(_index, _hot.Active!, _key, sequence, _changes);
        _snapshots.LogGrew(length);
        foreach (var entry in _changes.Entries)
            _listener.Added(entry);
        foreach (var body in _changes.Spills)
            _folder.Start(() => _folder.Disk.Delete(_folder.Spill(body)));
        Release(SpoolFault.None);
    }

    // Whether the commit at the head of the queue has been dealt with: added to the batch, or refused.
    private bool TryAdd(CommitNode node)
    {
        if (node.Commit is null)
        {
            if (_touchedEntries.Contains(node.Noted.Value))
                return false;
            if (!WriteNote(node))
            {
                _refused.Add((node, SpoolFault.None, null));
                return true;
            }
        }
        var length = _batch.LengthWith(node.Records.Length, node.BodiesLength);
        if (_members.Count > 0 && (length > _options.LargestBatch || !_hot.Fits(length)))
            return false;
        if (node.Commit is { } commit)
        {
            var verdict = CommitCheck.Check(commit, _index, _touchedEntries, _touchedBodies, out var reason);
            if (verdict == CommitVerdict.Later)
                return false;
            if (verdict == CommitVerdict.Refused)
            {
                _refused.Add((node, SpoolFault.Failed, reason));
                return true;
            }
            if (commit.Purpose == CommitPurpose.Acceptance && !_pool.HasRoom(length))
            {
                _refused.Add((node, SpoolFault.NoSpace, null));
                return true;
            }
            CommitCheck.Touch(commit, _index, _touchedEntries, _touchedBodies);
        }
        else
        {
            _touchedEntries.Add(node.Noted.Value);
        }
        _batch.Add(node.Records.Written, node.BodiesLength);
        _members.Add(node);
        return true;
    }

    private bool WriteNote(CommitNode node)
    {
        var slot = _index.Entries.Find(node.Noted.Value);
        if (slot < 0)
            return false;
        ref var entry = ref _index.Entries[slot];
        node.Records.Clear();
        node.Records.Begin(RecordKind.Start);
        node.Records.UInt64(entry.Id);
        node.Records.UInt32(entry.Version);
        node.Records.Byte((byte)Math.Min(entry.Starts + 1, byte.MaxValue));
        node.Records.End(_key, isLastOfCommit: true);
        return true;
    }

    // Rule 11. The commits are answered only when the next segment says that they are not in the log.
    private void Fail(DiskError error)
    {
        _hot.Fail();
        if (error.IsNoSpace)
        {
            _pool.AskSpaceAgain();
            if (_hot.Roll(Layout.Block, _nextSequence).IsError)
                _hot.WipeFailed();
            Release(SpoolFault.NoSpace);
            return;
        }
        if (++_failures < 2)
            error = _hot.Roll(Layout.Block, _nextSequence);
        if (error.IsError)
            _hot.WipeFailed();
        if (error is { IsError: true, IsNoSpace: false })
            _stopped = new IOException($"The log in {_folder.Segments} cannot be written: {SpoolFolder.Reason(error)}.");
        Release(SpoolFault.Failed);
    }

    private void Release(SpoolFault fault)
    {
        foreach (var node in _members)
            node.Complete(fault);
        _members.Clear();
    }

    private void KeepHouse()
    {
        if (_stopped is not null || _isClosed)
            return;
        if (_hot.Active is { } active)
            _pool.Prepare(active);
        if (_snapshots.IsDue)
            _snapshots.Begin();
        if (_cleaner.HasWork || (_pool.IsShort && !_snapshots.Reclaim() && _cleaner.Find(_snapshots.Covered)))
        {
            var written = _cleaner.MoveSome(ref _nextSequence);
            _snapshots.LogGrew(written);
            if (!_cleaner.HasWork)
                _pool.FreeDead(_snapshots.Covered);
        }
    }
}
