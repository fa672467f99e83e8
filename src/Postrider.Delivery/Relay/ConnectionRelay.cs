using System.Net;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;
using Postrider.Transport.Dialing;

namespace Postrider.Delivery.Relay;

/// <summary>
/// Relays what is queued for a peer over one connection that is there already: one whose roles have changed, or one that is
/// about to be turned. One entry is leased at a time, and each ends as it does for <see cref="RelayAgent"/>: what the
/// peer has not decided about stays in the queue.
/// </summary>
public sealed class ConnectionRelay
{
    private static readonly EnhancedStatusCode systemProblem = new(4, 3, 0);

    private readonly ILeases leases;
    private readonly Router router;
    private readonly IDeliveryObserver observer;
    private readonly TimeProvider time;

    /// <summary>Makes one for a queue.</summary>
    /// <param name="leases">The queue.</param>
    /// <param name="router">Where mail goes: an entry whose route has changed is sorted anew.</param>
    /// <param name="observer">Is told what happens.</param>
    /// <param name="time">The clock.</param>
    public ConnectionRelay(ILeases leases, Router router, IDeliveryObserver observer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(leases);
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(time);
        this.leases = leases;
        this.router = router;
        this.observer = observer;
        this.time = time;
    }

    /// <summary>Sends until nothing is left, the connection ends, or no more is to be begun. The connection stays the caller's.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="entries">What is to be sent.</param>
    /// <param name="stopping">Nothing more is to be begun.</param>
    /// <param name="cancellationToken">Gives up, and breaks the connection.</param>
    public async Task<RelayTally> SendAsync(SmtpConnection connection, LeaseRun entries, CancellationToken stopping = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(entries);
        var tally = default(RelayTally);
        while (connection.IsUsable && !stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested
            && await entries.TakeAsync(1, CancellationToken.None) is [var entry])
        {
            if (await AttemptAsync(entry, connection, cancellationToken) is { } outcomes)
                tally = Add(tally, outcomes);
        }
        return tally;
    }

    // The outcomes of the attempt; null where there was none.
    private async ValueTask<IReadOnlyList<RecipientOutcome>?> AttemptAsync(DueEntry entry, SmtpConnection connection, CancellationToken cancellationToken)
    {
        var hasLease = true;
        try
        {
            if (await leases.BeginAsync(entry) is not { } envelope)
                return null;
            var table = router.Current;
            if (Dispatcher.ChangedHops(table, envelope, entry.NextHop) is { } nextHops)
            {
                hasLease = false;
                await leases.RerouteAsync(entry, nextHops);
                observer.Rerouted(entry, nextHops);
                return null;
            }
            var attempt = new DeliveryAttempt(entry, envelope, table.FindTarget(entry.NextHop) ?? NoRouteTarget.Instance, leases);
            var started = time.GetTimestamp();
            await RelayAsync(attempt, connection, cancellationToken);
            if (attempt.IsGone)
                return null;
            hasLease = false;
            await Dispatcher.EndAsync(attempt, leases);
            observer.AttemptEnded(attempt, time.GetElapsedTime(started));
            return attempt.Outcomes;
        }
#pragma warning disable CA1031 // As in the dispatcher: whatever is thrown, the lease ends.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            observer.Failed(entry, exception);
            if (hasLease)
                leases.NotTried(entry, time.GetUtcNow(), DeliveryText.OneLine(exception.Message));
            return null;
        }
    }

    private async ValueTask RelayAsync(DeliveryAttempt attempt, SmtpConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await attempt.OpenContentAsync();
            if (content is null)
                return;
            var relay = new RelayAttempt(attempt, wantsTls: false, new StoredContent(content)) { IsOnlyWay = true };
            var speaker = (connection.RemoteEndPoint as IPEndPoint)?.Address is { } address ? $"[{address}]" : connection.Peer?.Name ?? "";
            while (relay.Take(await connection.SendAsync(relay.PendingEnvelope(), relay.Content, cancellationToken), speaker, null) && connection.IsUsable)
            {
                // The peer takes no more recipients at a time: the rest goes in another transaction.
            }
            if (cancellationToken.IsCancellationRequested && !relay.IsDone)
                attempt.NotTried(time.GetUtcNow(), "The connection of the peer that fetched it was cut off");
            else
                relay.End();
        }
#pragma warning disable CA1031 // A body that cannot be read defers its message, and the connection is broken by then.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            observer.Failed(attempt.Entry, exception);
            attempt.ReportRemaining(new DeliveryStatus(DeliveryResult.Deferred, systemProblem, DeliveryText.OneLine(exception.Message)));
        }
    }

    private static RelayTally Add(in RelayTally tally, IReadOnlyList<RecipientOutcome> outcomes)
    {
        var (relayed, deferred, failed) = (tally.Relayed, tally.Deferred, tally.Failed);
        foreach (var outcome in outcomes)
        {
            if (outcome.Status.Result == DeliveryResult.Relayed)
                relayed++;
            else if (outcome.Status.Result == DeliveryResult.Failed)
                failed++;
            else
                deferred++;
        }
        return new RelayTally(tally.Messages + 1, relayed, deferred, failed);
    }
}
