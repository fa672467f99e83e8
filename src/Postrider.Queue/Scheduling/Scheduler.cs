using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// Offers entries to delivery when they are due, and takes the leases back. One lock guards the index;
/// nothing is awaited, and nobody called, while it is held.
/// </summary>
internal sealed class Scheduler : ISpoolListener, IDisposable
{
    // So much is done under the lock at once; acceptance gets its turn in between.
    private const int MostSteps = 4096;
    private const int MostDispatched = 256;
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestTimer = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromMinutes(1);

    private readonly MailQueueOptions options;
    private readonly TimeProvider time;
    private readonly IQueueObserver? observer;
    private readonly Lock gate = new();
    private readonly EntryIndex index;
    private readonly Dictionary<SpoolId, Lease> leases = [];
    private readonly Queue<SpoolId> suspects = new();
    private readonly AsyncSignal wake = new();
    private readonly ITimer timer;
    private DateTimeOffset timerDue = DateTimeOffset.MaxValue;
    private TaskCompletionSource<bool>? drained;
    private long lastLease;
    private bool isStopping;
    private bool isStopped;

    /// <summary>Makes it, without an entry.</summary>
    /// <param name="options">The options of the queue.</param>
    /// <param name="time">The clock.</param>
    /// <param name="observer">Is told of trouble; may be null.</param>
    public Scheduler(MailQueueOptions options, TimeProvider time, IQueueObserver? observer)
    {
        this.options = options;
        this.time = time;
        this.observer = observer;
        index = new EntryIndex(options.MaximumLeases, time.GetUtcNow());
        View = new QueueView(gate, index);
        timer = time.CreateTimer(static scheduler => ((Scheduler)scheduler!).wake.Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is in it, for those who only look.</summary>
    public QueueView View { get; }

    /// <inheritdoc/>
    public void Added(in SpoolEntry entry)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (index.Find(entry.Id) >= 0)
                return;
            // Rule 19: an attempt that always takes the process down with it must not be made for ever.
            var isSuspect = !entry.IsHeld && entry.Starts >= options.MaximumStarts;
            var slot = index.Add(entry, entry.IsHeld || isSuspect, now);
            if (isSuspect)
                suspects.Enqueue(entry.Id);
            if (isSuspect || index[slot].Stage == EntryStage.Ready || entry.Due < timerDue)
                wake.Set();
        }
    }

    /// <inheritdoc/>
    public void Revoked(SpoolId envelope)
    {
        lock (gate)
        {
            if (index.Find(envelope) is not (>= 0 and var slot))
                return;
            index.Remove(slot);
            EndLease(envelope);
        }
    }

    /// <summary>Offers what is due until it is disposed of.</summary>
    /// <param name="dispatcher">Delivery.</param>
    /// <param name="holdAsync">Puts an entry on hold that rule 19 has picked out.</param>
    /// <param name="refuse">Takes back an entry that delivery could not take, until a time.</param>
    public async Task RunAsync(IDispatcher dispatcher, Func<SpoolId, Task> holdAsync, Action<DueEntry, DateTimeOffset, string> refuse)
    {
        var batch = new List<DueEntry>(MostDispatched);
        while (true)
        {
            var hasMore = LeaseBatch(batch, out var suspect);
            if (isStopped)
                return;
            foreach (var entry in batch)
                Dispatch(dispatcher, entry, refuse);
            if (suspect is { } id)
                await holdAsync(id);
            else if (hasMore)
                await Task.Yield();
            else
                await wake.WaitAsync();
        }
    }

    /// <summary>Offers nothing from now on, and waits until no lease is left.</summary>
    /// <param name="grace">How long to wait.</param>
    /// <returns>Whether that came in time.</returns>
    public async Task<bool> DrainAsync(TimeSpan grace)
    {
        lock (gate)
        {
            isStopping = true;
            if (leases.Count == 0)
                return true;
            drained ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        await using var limit = time.CreateTimer(static drained => ((TaskCompletionSource<bool>)drained!).TrySetResult(false), drained, grace, Timeout.InfiniteTimeSpan);
        return await drained.Task;
    }

    /// <summary>The lease of an entry that delivery holds, or null where it has ended.</summary>
    public Lease? FindLease(DueEntry entry)
    {
        lock (gate)
            return leases.TryGetValue(entry.Id, out var lease) && lease.Number == entry.Lease && !lease.IsEnding ? lease : null;
    }

    /// <summary>Notes that an attempt begins. False where the lease has ended meanwhile.</summary>
    public bool Begin(DueEntry entry, StoredEnvelope envelope)
    {
        lock (gate)
        {
            if (FindLease(entry) is not { } lease)
                return false;
            lease.Envelope = envelope;
            index.NextHopOf(lease.Slot).NotTriedReason = null;
            return true;
        }
    }

    /// <summary>Says of the next hop of a lease why its mail waits.</summary>
    public void Explain(DueEntry entry, string reason)
    {
        lock (gate)
        {
            if (leases.TryGetValue(entry.Id, out var lease) && lease.Number == entry.Lease)
                index.NextHopOf(lease.Slot).NotTriedReason = reason;
        }
    }

    /// <summary>Notes that an attempt has ended and that its outcome is on its way. Null where the lease has ended already.</summary>
    public Lease? BeginEnd(DueEntry entry)
    {
        lock (gate)
        {
            if (FindLease(entry) is not { } lease)
                return null;
            lease.IsEnding = true;
            return lease;
        }
    }

    /// <summary>Ends a lease that changed nothing: the entry is offered again at a time.</summary>
    /// <param name="entry">The lease.</param>
    /// <param name="until">The time.</param>
    /// <param name="reason">Why.</param>
    /// <param name="tooOldSince">Entries of before then may be too old.</param>
    /// <param name="isWithinTime">Whether it is known that the entry's deadline, if it has one, lies behind that time.</param>
    /// <returns>False where an attempt has begun or the entry may be too old or too late, so that this is not enough.</returns>
    public bool TryReturn(DueEntry entry, DateTimeOffset until, string reason, DateTimeOffset tooOldSince, bool isWithinTime = false)
    {
        lock (gate)
        {
            if (FindLease(entry) is not { } lease)
                return true;
            index.NextHopOf(lease.Slot).NotTriedReason = reason;
            if (lease.Envelope is not null || (index[lease.Slot].HasDeadline && !isWithinTime) || index[lease.Slot].Since <= tooOldSince.ToUnixTimeSeconds())
                return false;
            Return(lease.Slot, until);
            EndLease(entry.Id);
            return true;
        }
    }

    /// <summary>Ends a lease: its outcome is on disk. What an operator wanted meanwhile is the result.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="state">Its state now, or null where it is finished.</param>
    public EntryCommand? End(SpoolId id, EntryState? state)
    {
        lock (gate)
        {
            if (!leases.TryGetValue(id, out var lease))
                return null;
            var wanted = state is null ? null : lease.Wanted;
            if (state is null)
                index.Remove(lease.Slot);
            else if (wanted is not null)
                index.Move(lease.Slot, EntryStage.Busy);
            else if (state.HoldReason is not null)
                index.Move(lease.Slot, EntryStage.Held);
            else
                Return(lease.Slot, state.Due);
            EndLease(id);
            return wanted;
        }
    }

    /// <summary>Ends a lease whose entry cannot go on: it is kept out of the way.</summary>
    public void SetAside(SpoolId id)
    {
        lock (gate)
        {
            if (!leases.TryGetValue(id, out var lease))
                return;
            index.Move(lease.Slot, EntryStage.Held);
            EndLease(id);
        }
    }

    /// <summary>Ends a lease whose entry has gone.</summary>
    public void Forget(SpoolId id)
    {
        lock (gate)
        {
            if (index.Find(id) is >= 0 and var slot)
                index.Remove(slot);
            EndLease(id);
        }
    }

    /// <summary>
    /// Takes an entry out of the turn for a command. Where an attempt is under way the command is kept
    /// until that has ended; a lease that has not begun ends here.
    /// </summary>
    /// <param name="id">The entry.</param>
    /// <param name="command">The command.</param>
    /// <param name="wasHeld">Whether it was held.</param>
    /// <returns>Done, and the entry is the caller's until <see cref="Restore"/>; or why it is not.</returns>
    public CommandResult Take(SpoolId id, EntryCommand command, out bool wasHeld)
    {
        lock (gate)
        {
            wasHeld = false;
            if (index.Find(id) is not (>= 0 and var slot))
                return CommandResult.NotFound;
            if (index[slot].Stage == EntryStage.Busy)
                return CommandResult.Busy;
            if (leases.TryGetValue(id, out var lease))
            {
                if (command.Kind == EntryCommandKind.Release)
                {
                    lease.Wanted = null;
                    return CommandResult.AlreadySo;
                }
                if (lease.Envelope is not null || lease.IsEnding)
                {
                    lease.Wanted = command;
                    return CommandResult.AfterAttempt;
                }
                EndLease(id);
            }
            wasHeld = index[slot].Stage == EntryStage.Held;
            index.Move(slot, EntryStage.Busy);
            return CommandResult.Done;
        }
    }

    /// <summary>Gives an entry back after a command.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="isHeld">Whether it is held now.</param>
    /// <param name="due">When it is due, or null: as before.</param>
    public void Restore(SpoolId id, bool isHeld, DateTimeOffset? due)
    {
        lock (gate)
        {
            if (index.Find(id) is not (>= 0 and var slot))
                return;
            if (isHeld)
                index.Move(slot, EntryStage.Held);
            else
                Return(slot, due ?? Time(index[slot].Due));
        }
    }

    /// <summary>Makes an entry due now.</summary>
    public CommandResult MakeDue(SpoolId id)
    {
        lock (gate)
            return index.Find(id) is >= 0 and var slot ? MakeDue(slot) : CommandResult.NotFound;
    }

    /// <summary>Makes the waiting entries of a part of the index due now.</summary>
    /// <param name="from">The first slot; moved on behind the part, or to -1 at the end.</param>
    /// <param name="nextHops">Only those for these next hops, or null: all.</param>
    /// <returns>How many.</returns>
    public int MakeDue(ref int from, IReadOnlySet<string>? nextHops)
    {
        var count = 0;
        lock (gate)
        {
            var end = Math.Min(from + MostSteps, index.SlotCapacity);
            for (var slot = from; slot < end; slot++)
            {
                if (index[slot].Stage == EntryStage.Waiting && (nextHops is null || nextHops.Contains(index.NextHopOf(slot).Key)))
                    count += MakeDue(slot) == CommandResult.Done ? 1 : 0;
            }
            from = end < index.SlotCapacity ? end : -1;
        }
        return count;
    }

    /// <summary>Leases entries of a part of the index that wait or are ready, whenever they are due.</summary>
    /// <param name="from">The first slot; moved on behind the part, or to -1 at the end.</param>
    /// <param name="nextHops">Those for these next hops.</param>
    /// <param name="priority">Those of this priority.</param>
    /// <param name="limit">How many are wanted.</param>
    /// <param name="leased">Takes them.</param>
    /// <param name="others">Notes the other priorities of such entries, a bit for each from the least.</param>
    public void Lease(ref int from, IReadOnlySet<string> nextHops, int priority, int limit, List<DueEntry> leased, ref uint others)
    {
        lock (gate)
        {
            var end = isStopping ? 0 : Math.Min(from + MostSteps, index.SlotCapacity);
            var slot = from;
            for (; slot < end && leased.Count < limit; slot++)
            {
                if (index[slot].Stage is not (EntryStage.Waiting or EntryStage.Ready) || IsKept(slot) || !nextHops.Contains(index.NextHopOf(slot).Key))
                    continue;
                if (index[slot].Priority != priority)
                {
                    others |= 1u << (index[slot].Priority - DueEntry.LeastPriority);
                    continue;
                }
                index.Move(slot, EntryStage.Leased);
                leased.Add(NewLease(slot));
            }
            from = !isStopping && slot < index.SlotCapacity ? slot : -1;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            isStopping = isStopped = true;
            timer.Dispose();
            drained?.TrySetResult(leases.Count == 0);
            wake.Set();
        }
    }

    private bool LeaseBatch(List<DueEntry> batch, out SpoolId? suspect)
    {
        batch.Clear();
        lock (gate)
        {
            suspect = suspects.TryDequeue(out var id) ? id : null;
            var hasMore = index.MakeReady(time.GetUtcNow(), MostSteps);
            while (!isStopping && batch.Count < MostDispatched && index.Lease() is >= 0 and var slot)
                batch.Add(NewLease(slot));
            hasMore |= batch.Count == MostDispatched;
            if (!hasMore && !isStopped)
                SetTimer();
            return hasMore;
        }
    }

    private DueEntry NewLease(int slot)
    {
        var lease = new Lease(slot, ++lastLease);
        var entry = new DueEntry(new SpoolId(index[slot].Id), index.NextHopOf(slot).Key, index[slot].Size) { Lease = lease.Number, Priority = (sbyte)index[slot].Priority };
        leases.Add(entry.Id, lease);
        return entry;
    }

    private void Dispatch(IDispatcher dispatcher, DueEntry entry, Action<DueEntry, DateTimeOffset, string> refuse)
    {
        try
        {
            dispatcher.Dispatch(entry);
        }
        catch (Exception e)
        {
            // Whatever is wrong with delivery must not stop the queue.
            observer?.Observe(new QueueTrouble(time.GetUtcNow(), entry.Id, default, "Delivery could not take an entry", e));
            refuse(entry, time.GetUtcNow() + AfterTrouble, e.Message);
        }
    }

    private void SetTimer()
    {
        var now = time.GetUtcNow();
        if (index.NextDue() is not { } due)
        {
            timerDue = DateTimeOffset.MaxValue;
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }
        timerDue = due < now + LongestTimer ? due : now + LongestTimer;
        var wait = timerDue - now;
        timer.Change(wait > ShortestTimer ? wait : ShortestTimer, Timeout.InfiniteTimeSpan);
    }

    private CommandResult MakeDue(int slot)
    {
        switch (index[slot].Stage)
        {
            case EntryStage.Waiting when IsKept(slot):
                return CommandResult.IsHeld;
            case EntryStage.Waiting:
                Return(slot, time.GetUtcNow());
                return CommandResult.Done;
            case EntryStage.Held:
                return CommandResult.IsHeld;
            case EntryStage.Busy:
                return CommandResult.Busy;
            default:
                return CommandResult.AlreadySo;
        }
    }

    // Until the time that its sender has set, and no operator has released it before.
    private bool IsKept(int slot) => Time(index[slot].Since) > time.GetUtcNow() && index[slot].Due >= index[slot].Since;

    private void Return(int slot, DateTimeOffset due)
    {
        index.MoveToDue(slot, due, time.GetUtcNow());
        if (index[slot].Stage == EntryStage.Ready || due < timerDue)
            wake.Set();
    }

    private void EndLease(SpoolId id)
    {
        if (!leases.Remove(id))
            return;
        if (leases.Count == 0 && isStopping)
            drained?.TrySetResult(true);
        // What had to wait for a free lease may go on.
        if (index.CountOf(EntryStage.Ready) > 0)
            wake.Set();
    }

    private static DateTimeOffset Time(uint seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
