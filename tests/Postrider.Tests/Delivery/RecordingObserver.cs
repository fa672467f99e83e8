using System.Net;
using Postrider.Delivery;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Scheduling;

namespace Postrider.Tests.Delivery;

/// <summary>Remembers what delivery told.</summary>
internal sealed class RecordingObserver : IDeliveryObserver
{
    public List<(RelayHost Host, string Reason, DateTimeOffset Until)> TlsFailures { get; } = [];

    public List<DeliveryAttempt> Attempts { get; } = [];

    public List<DueEntry> Rerouted { get; } = [];

    public List<Exception> Failures { get; } = [];

    public List<SiteChange> Changes { get; } = [];

    public void AttemptEnded(DeliveryAttempt attempt, TimeSpan duration) => Attempts.Add(attempt);

    void IDeliveryObserver.Rerouted(DueEntry entry, IReadOnlyList<string> nextHops) => Rerouted.Add(entry);

    public void Failed(DueEntry entry, Exception exception) => Failures.Add(exception);

    public void TlsBroken(RelayHost host, IPEndPoint endPoint, string reason, DateTimeOffset until) => TlsFailures.Add((host, reason, until));

    public void SiteChanged(SiteChange change) => Changes.Add(change);
}
