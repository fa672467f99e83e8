using Postrider.Delivery.Relay;
using Postrider.Smtp.Client;
using Postrider.Transport.Dialing;
using Postrider.Transport.Listening;

namespace Postrider.Hosting.Fetching;

/// <summary>Sends what waits for a peer over the connection that it has opened and turned: greeting, EHLO, the mail, QUIT.</summary>
internal sealed class TurnedDelivery(WaitingMail waiting, ConnectionRelay relay, CurrentSettings settings, TurnLog log, TimeProvider time)
{
    /// <summary>Sends it.</summary>
    /// <param name="turned">The connection.</param>
    /// <param name="domains">The peer's domains.</param>
    /// <param name="hostname">Our name.</param>
    /// <param name="cancellationToken">The connection is being cut off.</param>
    public async ValueTask SendAsync(TurnedConnection turned, IReadOnlyList<WaitingDomain> domains, string hostname, CancellationToken cancellationToken)
    {
        await using var connection = await SmtpConnection.TakeOverAsync(turned.Transport, settings.Value.ClientFor(hostname), turned.Peer.Tls, time, cancellationToken: cancellationToken);
        var tally = await relay.SendAsync(connection, waiting.Lease(domains), turned.Stopping, cancellationToken);
        await connection.QuitAsync(cancellationToken);
        log.Sent(turned.Peer, tally, connection.Ending);
    }
}
