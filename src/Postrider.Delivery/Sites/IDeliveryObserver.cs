using System.Net;
using Postrider.Delivery.Routing;
using Postrider.Queue.Scheduling;

namespace Postrider.Delivery.Sites;

/// <summary>Is told what delivery does, for log and metrics. Calls come from any thread, must return at once and not throw.</summary>
public interface IDeliveryObserver
{
    /// <summary>An attempt has ended and its outcomes, or its hand-back, have been given to the queue.</summary>
    /// <param name="attempt">The attempt with what was reported.</param>
    /// <param name="duration">How long the agent took.</param>
    void AttemptEnded(DeliveryAttempt attempt, TimeSpan duration);

    /// <summary>The open recipients of an entry were sorted anew, since routes have changed.</summary>
    /// <param name="entry">The entry that was.</param>
    /// <param name="nextHops">The key of each open recipient now.</param>
    void Rerouted(DueEntry entry, IReadOnlyList<string> nextHops);

    /// <summary>An agent or the queue threw. The entry was deferred or handed back where that was possible.</summary>
    /// <param name="entry">The entry concerned.</param>
    /// <param name="exception">What was thrown.</param>
    void Failed(DueEntry entry, Exception exception);

    /// <summary>TLS with a host did not come about: mail that may goes there in the clear for a while.</summary>
    /// <param name="host">The host.</param>
    /// <param name="endPoint">Its address.</param>
    /// <param name="reason">What went wrong, in one line.</param>
    /// <param name="until">When TLS is tried again.</param>
    void TlsBroken(RelayHost host, IPEndPoint endPoint, string reason, DateTimeOffset until);

    /// <summary>A site gets fewer attempts, none for a while, or again as many as ever.</summary>
    void SiteChanged(SiteChange change);
}
