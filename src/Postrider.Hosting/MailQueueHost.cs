using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Delivery;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;

namespace Postrider.Hosting;

/// <summary>
/// Runs queue and delivery from the start of the host to its stop: the spool is opened and delivery
/// begins before anything listens; at the stop, attempts under way are finished within the limit and
/// every outcome is on disk before the folder is given up.
/// </summary>
internal sealed partial class MailQueueHost : IHostedService, IDisposable
{
    // On top of the limit: what has ended must still get to disk.
    private static readonly TimeSpan timeForOutcomes = TimeSpan.FromSeconds(5);

    private readonly MailQueue queue;
    private readonly ISpool spool;
    private readonly Router router;
    private readonly Dispatcher dispatcher;
    private readonly StopClock stop;
    private readonly IProgress<SpoolProgress>? progress;
    private readonly ILogger<MailQueueHost> logger;

    public MailQueueHost(
        MailQueue queue,
        ISpool spool,
        Router router,
        DeliveryAgents agents,
        IDeliveryObserver observer,
        CurrentSettings settings,
        StopClock stop,
        TimeProvider time,
        ILogger<MailQueueHost> logger,
        IProgress<SpoolProgress>? progress = null)
    {
        this.queue = queue;
        this.spool = spool;
        this.router = router;
        this.stop = stop;
        this.progress = progress;
        this.logger = logger;
        dispatcher = new Dispatcher(router, queue.Leases, agents.ByTarget, observer, time, Limits(settings.Value.Retry));
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await queue.StartAsync(dispatcher, progress, cancellationToken);
        foreach (var damage in (spool as LogSpool)?.Damage ?? [])
            LogDamage(damage.File, damage.Offset, damage.Length, damage.What);
        if (queue.Counts is { Entries: > 0 } counts)
            LogRecovered(counts.Entries, counts.Held);
        SortOnDemand();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var unfinished = await dispatcher.StopAsync(stop.Remaining());
        if (!await queue.StopAsync(timeForOutcomes) || unfinished > 0)
            LogUnfinished(unfinished);
    }

    /// <summary>
    /// Looks at the mail again that waits on demand by a route which is no longer so: it would be looked at only when it
    /// is late, or too old.
    /// </summary>
    public void SortOnDemand()
    {
        var routes = router.Current;
        var changed = queue.CountByNextHop()
            .Select(static hop => hop.NextHop)
            .Where(nextHop => FetchKey.IsOnDemand(nextHop) && routes.FindTarget(nextHop) is null)
            .ToHashSet(StringComparer.Ordinal);
        if (changed.Count > 0)
            _ = queue.RetryAllAsync(changed);
    }

    /// <summary>Tries a next hop again that is being left alone; mail on demand goes there for a while.</summary>
    public void Reopen(string nextHop) => dispatcher.Reopen(nextHop);

    public void Dispose() => dispatcher.Dispose();

    // A site is never left alone for longer than its mail waits for the next attempt.
    private static DispatcherOptions Limits(RetrySchedule retry)
    {
        var site = new SiteOptions();
        return new DispatcherOptions
        {
            Remote = site with
            {
                FirstBackOff = Shorter(site.FirstBackOff, retry.Intervals[0]),
                LongestBackOff = Shorter(site.LongestBackOff, retry.Intervals[^1]),
            },
        };
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
