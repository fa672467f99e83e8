using System.Net;
using Microsoft.Extensions.Logging;
using Postrider.Delivery;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Scheduling;

namespace Postrider.Hosting.Events;

/// <summary>Logs what delivery meets besides the outcomes, which the queue tells of once they are on disk.</summary>
internal sealed partial class DeliveryLog(ILogger<DeliveryLog> logger) : IDeliveryObserver
{
    public void AttemptEnded(DeliveryAttempt attempt, TimeSpan duration)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogAttempt(attempt.Entry.Id, attempt.Entry.NextHop, duration.TotalMilliseconds);
    }

    public void Rerouted(DueEntry entry, IReadOnlyList<string> nextHops) =>
        LogRerouted(entry.Id, entry.NextHop, string.Join(", ", nextHops.Distinct(StringComparer.Ordinal)));

    public void Failed(DueEntry entry, Exception exception) => LogFailed(entry.Id, entry.NextHop, exception);

    public void TlsBroken(RelayHost host, IPEndPoint endPoint, string reason, DateTimeOffset until)
    {
        if (logger.IsEnabled(LogLevel.Warning))
            LogTlsBroken(host.ToString(), endPoint.ToString(), reason, until);
    }

    public void SiteChanged(SiteChange change)
    {
        if (change.ClosedUntil is { } until)
            LogSiteClosed(change.Key, until, change.Reason);
        else
            LogSiteLimit(change.Key, change.Limit, change.Reason);
    }
}
