using Postrider.Delivery.Routing;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Replies;

namespace Postrider.Delivery.Sites;

/// <summary>
/// Takes entries that are due to the sites they go to. Each site has its own ready queue and its own
/// attempts, so that a slow or dead one holds up nobody else. Whatever an agent does, each lease ends
/// exactly once, and nothing that it throws goes further than this.
/// </summary>
public sealed class Dispatcher : IDispatcher, IDisposable
{
    private static readonly EnhancedStatusCode systemProblem = new(4, 3, 0);
    private static readonly EnhancedStatusCode unableToRoute = new(4, 4, 4);
    private static readonly EnhancedStatusCode notReached = new(4, 4, 0);
    private static readonly TimeSpan waitAfterFault = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan waitWhenStopping = TimeSpan.FromMinutes(1);

    private readonly Router router;
    private readonly ILeases leases;
    private readonly IReadOnlyDictionary<Type, IDeliveryAgent> agents;
    private readonly IDeliveryObserver observer;
    private readonly TimeProvider time;
    private readonly DispatcherOptions options;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Site> sites = new(StringComparer.Ordinal);
    private readonly Demands demands;
    private readonly CancellationTokenSource giveUp = new();
    private readonly TaskCompletionSource idle = new();
    private int workers;
    private bool isStopping;

    /// <summary>Makes a dispatcher; it works from the first entry it is given.</summary>
    /// <param name="router">Where mail goes.</param>
    /// <param name="leases">The queue that its leases are given back to.</param>
    /// <param name="agents">The agent for each type of <see cref="RouteTarget"/>.</param>
    /// <param name="observer">Is told what happens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">Limits, or null for the defaults.</param>
    public Dispatcher(
        Router router,
        ILeases leases,
        IReadOnlyDictionary<Type, IDeliveryAgent> agents,
        IDeliveryObserver observer,
        TimeProvider time,
        DispatcherOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(leases);
        ArgumentNullException.ThrowIfNull(agents);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(time);
        this.router = router;
        this.leases = leases;
        this.agents = agents;
        this.observer = observer;
        this.time = time;
        this.options = options ?? new DispatcherOptions();
        demands = new Demands(this.options.DemandLasts, this.options.MaxSites);
    }

    /// <inheritdoc/>
    public void Dispatch(DueEntry entry)
    {
        Site site;
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (isStopping)
            {
                leases.NotTried(entry, now + waitWhenStopping, "The server is shutting down");
                return;
            }
            site = SiteFor(entry.NextHop, now);
        }
        if (site.Offer(entry, now, out var startOne) is { } back)
            leases.NotTried(entry, back.Until, back.Reason);
        if (startOne)
            StartWorker(site);
    }

    /// <summary>
    /// Tries a next hop again though it is being left alone: an operator, or the site itself, says that it is there.
    /// The next entry for it is attempted; mail on demand is so until the site cannot be reached, or nothing has gone
    /// there for <see cref="DispatcherOptions.DemandLasts"/>.
    /// </summary>
    /// <param name="nextHop">The key of the next hop; one that is not known, or not left alone, stays as it is.</param>
    public void Reopen(string nextHop)
    {
        if (router.Current.FindTarget(nextHop) is OnDemandTarget { Relay: not null })
            demands.Begin(nextHop, time.GetUtcNow());
        lock (gate)
        {
            if (sites.TryGetValue(SiteKeyOf(PlaceOf(router.Current, nextHop)), out var site))
                site.Reopen();
        }
    }

    /// <summary>
    /// Stops: what waits goes back to the queue, attempts under way may end within the grace, and are
    /// then told to give up.
    /// </summary>
    /// <param name="grace">How long attempts may go on.</param>
    /// <returns>How many attempts did not end even so; their leases are still out.</returns>
    public async Task<int> StopAsync(TimeSpan grace)
    {
        List<Site> all;
        bool isIdle;
        lock (gate)
        {
            isStopping = true;
            all = [.. sites.Values];
            isIdle = workers == 0;
        }
        if (isIdle)
            idle.TrySetResult();
        foreach (var site in all)
            HandBack(site.TakeAll(), time.GetUtcNow() + waitWhenStopping, "The server is shutting down");
        if (!await EndsWithinAsync(grace))
        {
            // Not CancelAsync: it would go on in the thread pool.
#pragma warning disable CA1849, MA0042
            giveUp.Cancel();
#pragma warning restore CA1849, MA0042
            await EndsWithinAsync(options.GiveUpTime);
        }
        lock (gate)
            return workers;
    }

    /// <summary>Frees what it holds, once it has been stopped.</summary>
    public void Dispose() => giveUp.Dispose();

    private Site SiteFor(string nextHop, DateTimeOffset now)
    {
        // What has no route any more is only read to be sorted anew, or deferred: one site does for all of it.
        var target = PlaceOf(router.Current, nextHop);
        var key = SiteKeyOf(target);
        if (sites.TryGetValue(key, out var site))
            return site;
        if (sites.Count >= options.MaxSites)
        {
            foreach (var (name, other) in sites)
            {
                if (other.IsResting(now))
                    sites.Remove(name);
            }
        }
        var isRemote = target is { IsLocal: false };
        site = new Site(key, isRemote ? options.Remote : options.Local, adapts: isRemote);
        sites.Add(key, site);
        return site;
    }

    // Next hops that have a place in common (FetchKey) share its connections.
    private static string SiteKeyOf(RouteTarget? target) => target?.Key ?? RoutingTable.NoRouteKey;

    // Where mail goes now: on demand there, if it has been asked for.
    private RouteTarget? PlaceOf(RoutingTable table, string nextHop)
    {
        var target = table.FindTarget(nextHop);
        return target is OnDemandTarget { Relay: { } relay } && demands.Has(nextHop, time.GetUtcNow()) ? relay : target;
    }

    private void StartWorker(Site site)
    {
        lock (gate)
            workers++;
        _ = WorkAsync(site);
    }

    private async Task WorkAsync(Site site)
    {
        // The caller is the scheduler, or an attempt that has just ended: neither waits for this one, and
        // a long queue of attempts that end at once does not pile up on a stack.
        await Task.Yield();
        while (site.TryTake(out var entry))
            await AttemptAsync(site, entry);
        bool isLast;
        lock (gate)
            isLast = --workers == 0 && isStopping;
        if (isLast)
            idle.TrySetResult();
    }

    private async ValueTask AttemptAsync(Site site, DueEntry entry)
    {
        var hasLease = true;
        try
        {
            var table = router.Current;
            var place = PlaceOf(table, entry.NextHop);
            if (place is OnDemandTarget)
            {
                hasLease = false;
                await leases.AwaitFetchAsync(
                    entry,
                    new DeliveryStatus(DeliveryResult.Deferred, notReached, $"Mail for {FetchKey.DomainOf(entry.NextHop)} waits until it is fetched"),
                    isAskedFor: () => PlaceOf(router.Current, entry.NextHop) is not OnDemandTarget);
                return;
            }
            var envelope = await leases.BeginAsync(entry);
            if (envelope is null)
                return;
            if (ChangedHops(table, envelope, entry.NextHop) is { } nextHops)
            {
                hasLease = false;
                await leases.RerouteAsync(entry, nextHops);
                observer.Rerouted(entry, nextHops);
                return;
            }

            var attempt = new DeliveryAttempt(entry, envelope, place ?? NoRouteTarget.Instance, leases);
            var generation = site.Generation;
            var started = time.GetTimestamp();
            await DeliverAsync(attempt);
            var duration = time.GetElapsedTime(started);
            Report(site, attempt, generation, duration);
            if (attempt.IsGone)
                return;
            hasLease = false;
            await EndAsync(attempt, leases);
            observer.AttemptEnded(attempt, duration);
        }
#pragma warning disable CA1031 // With DeliverAsync the one boundary at which what others throw is translated.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            observer.Failed(entry, exception);
            if (hasLease)
                leases.NotTried(entry, time.GetUtcNow() + waitAfterFault, DeliveryText.OneLine(exception.Message));
        }
    }

    /// <summary>The keys of the open recipients, or null where they are all that of the entry.</summary>
    internal static string[]? ChangedHops(RoutingTable table, StoredEnvelope envelope, string nextHop)
    {
        var open = envelope.State.Open;
        var isChanged = false;
        foreach (var recipient in open)
            isChanged |= !string.Equals(table.NextHopKey(envelope.Envelope.Recipients[recipient.Index]), nextHop, StringComparison.Ordinal);
        return isChanged
            ? [.. open.Select(recipient => table.NextHopKey(envelope.Envelope.Recipients[recipient.Index]))]
            : null;
    }

    private async ValueTask DeliverAsync(DeliveryAttempt attempt)
    {
        if (attempt.Target is NoRouteTarget)
        {
            attempt.ReportRemaining(new DeliveryStatus(DeliveryResult.Deferred, unableToRoute, "No route is configured for the recipient's domain"));
            return;
        }
        try
        {
            if (!agents.TryGetValue(attempt.Target.GetType(), out var agent))
                throw new InvalidOperationException($"No agent delivers to {attempt.Target}.");
            await agent.DeliverAsync(attempt, giveUp.Token);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            attempt.NotTried(time.GetUtcNow() + waitWhenStopping, "The server is shutting down");
        }
#pragma warning disable CA1031 // Whatever the agent throws: the mail is tried again and the operator told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            observer.Failed(attempt.Entry, exception);
            attempt.ReportRemaining(new DeliveryStatus(DeliveryResult.Deferred, systemProblem, DeliveryText.OneLine(exception.Message)));
        }
    }

    /// <summary>Ends the lease of an attempt with what was reported.</summary>
    internal static async ValueTask EndAsync(DeliveryAttempt attempt, ILeases leases)
    {
        if (attempt.NotTriedUntil is { } until && attempt.Outcomes.Count == 0)
        {
            leases.NotTried(attempt.Entry, until, attempt.NotTriedReason!);
            return;
        }
        // Open recipients without an outcome would be due at once again, for ever.
        if (!attempt.IsComplete && attempt.NotTriedUntil is null)
            attempt.ReportRemaining(new DeliveryStatus(DeliveryResult.Deferred, systemProblem, "The delivery agent gave no outcome"));
        await leases.CompleteAsync(attempt.Entry, attempt.Outcomes, attempt.Expansions);
    }

    private void Report(Site site, DeliveryAttempt attempt, int generation, TimeSpan duration)
    {
        var now = time.GetUtcNow();
        var condition = attempt.Condition;
        if (condition is null && attempt.Outcomes.Any(outcome => outcome.Status.Result is DeliveryResult.Delivered or DeliveryResult.Relayed))
            condition = SiteCondition.Reached;
        demands.Note(attempt.Entry.NextHop, condition, now);
        var (change, startOne) = site.Report(generation, condition, attempt.ConditionReason ?? "", duration, now, out var handBack);
        if (change is { } told)
        {
            HandBack(handBack, told.ClosedUntil ?? now, site.WhyClosed(told.Condition, told.Reason));
            observer.SiteChanged(told);
        }
        if (startOne)
            StartWorker(site);
    }

    private void HandBack(IReadOnlyList<DueEntry> entries, DateTimeOffset until, string reason)
    {
        foreach (var entry in entries)
            leases.NotTried(entry, until, reason);
    }

    private async ValueTask<bool> EndsWithinAsync(TimeSpan limit)
    {
        if (idle.Task.IsCompleted)
            return true;
        using var enough = new CancellationTokenSource();
        var delay = Task.Delay(limit, time, enough.Token);
        var ended = await Task.WhenAny(idle.Task, delay) == idle.Task;
#pragma warning disable CA1849, MA0042 // CancelAsync goes by the thread pool.
        enough.Cancel();
#pragma warning restore CA1849, MA0042
        return ended;
    }
}
