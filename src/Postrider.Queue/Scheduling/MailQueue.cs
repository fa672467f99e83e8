using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// A mail queue: keeps accepted mail in a spool, offers it to delivery when it is due, tries again by a
/// schedule, and tells senders what failed. Each accepted recipient ends once: delivered, relayed,
/// reported to the sender, deleted by an operator, or still queued and visible.
/// </summary>
/// <remarks>
/// Disposing of it without <see cref="StopAsync"/> is like killing the process: what was committed is
/// kept, the rest is tried again by the next start. The spool stays the caller's.
/// </remarks>
public sealed class MailQueue : IAsyncDisposable
{
    // A page of a listing reads so many envelopes at most, whatever is looked for.
    private const int MostReadForPage = 1000;

    private readonly ISpool spool;
    private readonly TimeProvider time;
    private readonly IQueueObserver? observer;
    private readonly Scheduler scheduler;
    private readonly OutcomeRecorder recorder;
    private readonly EntryCommands commands;
    private readonly LeaseDesk leases;
    private Task work = Task.CompletedTask;

    /// <summary>Makes a queue over a spool.</summary>
    /// <param name="spool">Where mail lies; <see cref="StartAsync"/> opens it.</param>
    /// <param name="options">How the queue behaves.</param>
    /// <param name="nextHopOf">Where a report to a sender goes: the key of the next hop, or null where there is none. Any thread.</param>
    /// <param name="time">The clock.</param>
    /// <param name="observer">Is told what happens, or null.</param>
    public MailQueue(ISpool spool, MailQueueOptions options, Func<Mailbox, string?> nextHopOf, TimeProvider time, IQueueObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(spool);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(nextHopOf);
        ArgumentNullException.ThrowIfNull(time);
        this.spool = spool;
        this.time = time;
        this.observer = observer = observer is null ? null : new GuardedObserver(observer);
        var reports = new ReportWriter(spool, options, nextHopOf, time);
        scheduler = new Scheduler(options, time, observer);
        recorder = new OutcomeRecorder(spool, options, reports, time, observer);
        commands = new EntryCommands(spool, scheduler, reports, time, observer);
        leases = new LeaseDesk(spool, scheduler, recorder, commands, options, time, observer);
    }

    /// <summary>The queue as delivery sees it.</summary>
    public ILeases Leases => leases;

    /// <summary>How much it holds.</summary>
    public QueueCounts Counts => scheduler.View.Count(recorder.Unsynced);

    /// <summary>Opens the spool and begins to offer what is due.</summary>
    /// <param name="dispatcher">Delivery.</param>
    /// <param name="progress">Is told how far a long recovery has come, or null.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="IOException">The spool cannot be opened.</exception>
    public async Task StartAsync(IDispatcher dispatcher, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dispatcher);
        await spool.OpenAsync(scheduler, progress, cancellationToken);
        work = Task.WhenAll(
            WatchAsync(recorder.RunAsync(), "Outcomes are recorded no more"),
            WatchAsync(scheduler.RunAsync(dispatcher, HoldSuspectAsync, leases.NotTried), "Mail is offered to delivery no more"));
    }

    /// <summary>
    /// Stops: offers nothing more, waits for the attempts under way, and brings all outcomes to disk.
    /// </summary>
    /// <param name="grace">How long to wait for that in all.</param>
    /// <returns>Whether everything ended in time; if not, what did not is tried again by the next start.</returns>
    public Task<bool> StopAsync(TimeSpan grace)
    {
        recorder.Hurry();
        // A lease ends when its outcome is on disk, so no lease means that nothing is left to store.
        return scheduler.DrainAsync(grace);
    }

    /// <summary>A name for a message or an envelope. Any thread, never blocks.</summary>
    public SpoolId NewId() => spool.NewId();

    /// <summary>Begins a body.</summary>
    public IBodyWriter CreateBody() => spool.CreateBody();

    /// <summary>Whether new mail of this size would find room now: None, or why not.</summary>
    /// <param name="size">Octets expected; 0 where unknown.</param>
    public SpoolFault CanAccept(long size) => spool.CanAccept(size);

    /// <summary>
    /// Takes new mail. When this says None, bodies and envelopes are on stable storage, and the queue
    /// answers for them.
    /// </summary>
    /// <param name="bodies">Bodies, each complete; taken over.</param>
    /// <param name="envelopes">Envelopes that refer to them.</param>
    public async ValueTask<SpoolFault> AcceptAsync(IReadOnlyList<IBodyWriter> bodies, IReadOnlyList<NewEnvelope> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        var fault = await spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = bodies, Envelopes = envelopes });
        if (fault == SpoolFault.None && observer is not null)
        {
            foreach (var envelope in envelopes)
                observer.Observe(new EnvelopeAccepted(envelope.Arrived, envelope));
        }
        return fault;
    }

    /// <summary>How much it holds for each next hop.</summary>
    public IReadOnlyList<NextHopCounts> CountByNextHop() => scheduler.View.CountByNextHop();

    /// <summary>How much it holds for one next hop, or null: nothing.</summary>
    public NextHopCounts? CountOf(string nextHop) => scheduler.View.Count(nextHop);

    /// <summary>
    /// Lists entries, in no order that means anything. An entry that is there all the while is listed
    /// once; one that comes or goes meanwhile may be missed.
    /// </summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="limit">How many at most, 1 or more.</param>
    /// <param name="from">Where to go on: <see cref="QueuePage.Next"/> of the page before, or 0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<QueuePage> ListAsync(QueueFilter filter, int limit, long from = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        var entries = new List<QueuedEntry>();
        var found = new List<EntryPosition>();
        var slot = (int)Math.Min(from, int.MaxValue);
        for (var read = 0; slot >= 0 && entries.Count < limit && read < MostReadForPage; read += found.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Clear();
            scheduler.View.Scan(ref slot, filter, time.GetUtcNow(), limit - entries.Count, found);
            foreach (var position in found)
            {
                if (await ReadAsync(position) is { } entry && (entry.Envelope is null || filter.Matches(entry.Envelope)))
                    entries.Add(entry);
            }
        }
        return new QueuePage(entries, slot < 0 ? null : slot);
    }

    /// <summary>An entry with all that is known of it, or null where there is none.</summary>
    public async Task<QueuedEntry?> ShowAsync(SpoolId id) =>
        scheduler.View.Find(id) is { } position ? await ReadAsync(position) : null;

    /// <summary>The message of an entry as its recipients would get it, or null where there is none.</summary>
    /// <exception cref="SpoolDamageException">It is damaged on disk.</exception>
    public async Task<MessageContent?> OpenContentAsync(SpoolId id)
    {
        if (await spool.ReadAsync(id) is not { } envelope || await spool.OpenBodyAsync(id) is not { } body)
            return null;
        return new MessageContent(body, envelope.Edits);
    }

    /// <summary>Puts an entry on hold: it is not tried, and does not grow too old.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="reason">Why, for the listing.</param>
    public Task<CommandResult> HoldAsync(SpoolId id, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return commands.HoldAsync(id, reason);
    }

    /// <summary>Releases an entry from hold, or one that waits for a time that its sender has set; it is due at once.</summary>
    public Task<CommandResult> ReleaseAsync(SpoolId id) => commands.ExecuteAsync(id, new EntryCommand(EntryCommandKind.Release, null));

    /// <summary>Makes an entry due now. Its schedule stays as it is. One that waits for a time that its sender has set counts as held.</summary>
    public Task<CommandResult> RetryAsync(SpoolId id) => Task.FromResult(scheduler.MakeDue(id));

    /// <summary>Makes all waiting entries due now, of one next hop or of all.</summary>
    /// <param name="nextHop">The key of the next hop, or null.</param>
    /// <param name="cancellationToken">Stops in the middle.</param>
    /// <returns>How many.</returns>
    public Task<int> RetryAllAsync(string? nextHop = null, CancellationToken cancellationToken = default) =>
        MakeDueAsync(nextHop is null ? null : new HashSet<string>([nextHop], StringComparer.Ordinal), cancellationToken);

    /// <summary>Makes all waiting entries due now that are for one of these next hops.</summary>
    /// <param name="nextHops">The keys of the next hops.</param>
    /// <param name="cancellationToken">Stops in the middle.</param>
    /// <returns>How many.</returns>
    public Task<int> RetryAllAsync(IReadOnlySet<string> nextHops, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(nextHops);
        return MakeDueAsync(nextHops, cancellationToken);
    }

    /// <summary>Takes the entries for some next hops out of the queue, for a caller who tries them at once and itself.</summary>
    /// <param name="nextHops">The keys of the next hops.</param>
    public LeaseRun Lease(IReadOnlySet<string> nextHops)
    {
        ArgumentNullException.ThrowIfNull(nextHops);
        return new LeaseRun(scheduler, nextHops);
    }

    /// <summary>Deletes an entry.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="reportReason">What the sender is told, or null: nothing.</param>
    public Task<CommandResult> DeleteAsync(SpoolId id, string? reportReason = null) =>
        commands.ExecuteAsync(id, new EntryCommand(EntryCommandKind.Delete, reportReason));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        scheduler.Dispose();
        recorder.Dispose();
        await work;
    }

    private async Task<int> MakeDueAsync(IReadOnlySet<string>? nextHops, CancellationToken cancellationToken)
    {
        var count = 0;
        for (var slot = 0; slot >= 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            count += scheduler.MakeDue(ref slot, nextHops);
            await Task.Yield();
        }
        return count;
    }

    // A loop ends only by a mistake in it, and nobody would see that before the queue is disposed of.
    private async Task WatchAsync(Task loop, string consequence)
    {
        try
        {
            await loop;
        }
        catch (Exception e)
        {
            observer?.Observe(new QueueTrouble(time.GetUtcNow(), default, default, $"{consequence}: restart the server", e));
            throw;
        }
    }

    private async Task HoldSuspectAsync(SpoolId id) =>
        await commands.HoldAsync(id, "Several attempts began and none ended: one of them may have ended the process");

    private async ValueTask<QueuedEntry?> ReadAsync(EntryPosition position)
    {
        try
        {
            return await spool.ReadAsync(position.Id) is { } envelope ? new QueuedEntry(position, envelope) : null;
        }
        catch (SpoolDamageException)
        {
            return new QueuedEntry(position, null);
        }
    }
}
