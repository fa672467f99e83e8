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
    private readonly SpoolFolder folder;
    private readonly LogSpoolOptions options;
    private readonly SpoolKey key;
    private readonly uint epoch;
    private readonly SpoolIndex index;
    private readonly SegmentPool pool;
    private readonly SegmentChain hot;
    private readonly ISpoolListener listener;
    private readonly Cleaner cleaner;
    private readonly Snapshots snapshots;

    private readonly Lock gate = new();
    private readonly Queue<CommitNode> arrived = [];
    private readonly Queue<CommitNode> waiting = [];
    private readonly List<CommitNode> members = [];
    private readonly List<(CommitNode Node, SpoolFault Fault, Exception? Reason)> refused = [];
    private readonly HashSet<ulong> touchedEntries = [];
    private readonly HashSet<ulong> touchedBodies = [];
    private readonly Batch batch;
    private readonly IndexChanges changes = new();
    private readonly Func<bool> drain;
    private ulong nextSequence;
    private int failures;
    private bool isRunning;
    private bool isCalled;
    private bool isClosed;
    private TaskCompletionSource? idle;
    private volatile Exception? stopped;

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
        this.folder = folder;
        this.options = options;
        this.key = key;
        this.epoch = epoch;
        this.index = index;
        this.pool = pool;
        this.hot = hot;
        this.listener = listener;
        this.snapshots = snapshots;
        batch = new Batch(recent);
        cleaner = new Cleaner(key, epoch, index, pool, cold);
        nextSequence = index.Sequence + 1;
        drain = Drain;
    }

    /// <summary>Why it does not write any more, or null.</summary>
    public Exception? Stopped => stopped;

    public ValueTask<SpoolFault> CommitAsync(CommitNode node)
    {
        var result = node.AsValueTask();
        bool isStarting;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isClosed, typeof(LogSpool));
            arrived.Enqueue(node);
            isStarting = !isRunning;
            isRunning = true;
        }
        if (isStarting)
            folder.Start(drain);
        return result;
    }

    /// <summary>Looks for space to reclaim, though nothing is to be committed.</summary>
    public void CallForSpace()
    {
        lock (gate)
        {
            if (isClosed || isRunning)
                return;
            isCalled = true;
            isRunning = true;
        }
        folder.Start(drain);
    }

    /// <summary>Takes no more commits and waits for those that are on their way.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosed = true;
            if (isRunning)
                idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        if (idle is not null)
            await idle.Task;
        await snapshots.CloseAsync();
        cleaner.Dispose();
    }

    private bool Drain()
    {
        while (true)
        {
            lock (gate)
            {
                while (arrived.TryDequeue(out var node))
                    waiting.Enqueue(node);
                if (waiting.Count == 0 && (isClosed || stopped is not null || !(cleaner.HasWork || isCalled)))
                {
                    isRunning = false;
                    idle?.SetResult();
                    return true;
                }
                isCalled = false;
            }
            try
            {
                if (waiting.Count > 0)
                    RunBatch();
                KeepHouse();
            }
#pragma warning disable CA1031 // Whatever it is, nothing may be written behind it, and those who wait must hear of it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                stopped = failure;
                Release(SpoolFault.Failed);
            }
        }
    }

    private void RunBatch()
    {
        batch.Clear();
        touchedEntries.Clear();
        touchedBodies.Clear();
        changes.Clear();
        if (stopped is not null)
        {
            while (waiting.TryDequeue(out var node))
                node.Complete(SpoolFault.Failed);
            return;
        }
        lock (index.Sync)
        {
            while (waiting.TryPeek(out var node) && TryAdd(node))
                waiting.Dequeue();
        }
        foreach (var (node, fault, reason) in refused)
        {
            if (reason is null)
                node.Complete(fault);
            else
                node.Refuse(reason);
        }
        refused.Clear();
        if (members.Count == 0)
            return;
        foreach (var node in members)
        {
            foreach (var body in node.Commit?.Bodies ?? [])
                ((LogBodyWriter)body).AddPieces(batch.Bodies);
        }

        var length = batch.Length;
        var error = hot.Fits(length) ? DiskError.None : hot.Roll(length, nextSequence);
        var sequence = nextSequence;
        if (!error.IsError)
        {
            nextSequence++;
            error = batch.Write(hot, key, epoch, sequence);
        }
        // Notes are in the file now, which is all that they need (rule 19): a batch of nothing else is not synced.
        if (!error.IsError && members.Exists(node => node.Commit is not null))
            error = hot.Sync();
        if (error.IsError)
        {
            Fail(error);
            return;
        }
        failures = 0;
        batch.ApplyTo(index, hot.Active!, key, sequence, changes);
        snapshots.LogGrew(length);
        foreach (var entry in changes.Entries)
            listener.Added(entry);
        foreach (var body in changes.Spills)
            folder.Start(() => folder.Disk.Delete(folder.Spill(body)));
        Release(SpoolFault.None);
    }

    // Whether the commit at the head of the queue has been dealt with: added to the batch, or refused.
    private bool TryAdd(CommitNode node)
    {
        if (node.Commit is null)
        {
            if (touchedEntries.Contains(node.Noted.Value))
                return false;
            if (!WriteNote(node))
            {
                refused.Add((node, SpoolFault.None, null));
                return true;
            }
        }
        var length = batch.LengthWith(node.Records.Length, node.BodiesLength);
        if (members.Count > 0 && (length > options.LargestBatch || !hot.Fits(length)))
            return false;
        if (node.Commit is { } commit)
        {
            var verdict = CommitCheck.Check(commit, index, touchedEntries, touchedBodies, out var reason);
            if (verdict == CommitVerdict.Later)
                return false;
            if (verdict == CommitVerdict.Refused)
            {
                refused.Add((node, SpoolFault.Failed, reason));
                return true;
            }
            if (commit.Purpose == CommitPurpose.Acceptance && !pool.HasRoom(length))
            {
                refused.Add((node, SpoolFault.NoSpace, null));
                return true;
            }
            CommitCheck.Touch(commit, index, touchedEntries, touchedBodies);
        }
        else
        {
            touchedEntries.Add(node.Noted.Value);
        }
        batch.Add(node.Records.Written, node.BodiesLength);
        members.Add(node);
        return true;
    }

    private bool WriteNote(CommitNode node)
    {
        var slot = index.Entries.Find(node.Noted.Value);
        if (slot < 0)
            return false;
        ref var entry = ref index.Entries[slot];
        node.Records.Clear();
        node.Records.Begin(RecordKind.Start);
        node.Records.UInt64(entry.Id);
        node.Records.UInt32(entry.Version);
        node.Records.Byte((byte)Math.Min(entry.Starts + 1, byte.MaxValue));
        node.Records.End(key, isLastOfCommit: true);
        return true;
    }

    // Rule 11. The commits are answered only when the next segment says that they are not in the log.
    private void Fail(DiskError error)
    {
        hot.Fail();
        if (error.IsNoSpace)
        {
            pool.AskSpaceAgain();
            if (hot.Roll(Layout.Block, nextSequence).IsError)
                hot.WipeFailed();
            Release(SpoolFault.NoSpace);
            return;
        }
        if (++failures < 2)
            error = hot.Roll(Layout.Block, nextSequence);
        if (error.IsError)
            hot.WipeFailed();
        if (error is { IsError: true, IsNoSpace: false })
            stopped = new IOException($"The log in {folder.Segments} cannot be written: {SpoolFolder.Reason(error)}.");
        Release(SpoolFault.Failed);
    }

    private void Release(SpoolFault fault)
    {
        foreach (var node in members)
            node.Complete(fault);
        members.Clear();
    }

    private void KeepHouse()
    {
        if (stopped is not null || isClosed)
            return;
        if (hot.Active is { } active)
            pool.Prepare(active);
        if (snapshots.IsDue)
            snapshots.Begin();
        if (cleaner.HasWork || (pool.IsShort && !snapshots.Reclaim() && cleaner.Find(snapshots.Covered)))
        {
            var written = cleaner.MoveSome(ref nextSequence);
            snapshots.LogGrew(written);
            if (!cleaner.HasWork)
                pool.FreeDead(snapshots.Covered);
        }
    }
}
