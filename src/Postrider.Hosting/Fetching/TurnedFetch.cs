using System.Net;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Relaying;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Client;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Transport;
using Postrider.Transport.Dialing;
using Postrider.Transport.Listening;
using Postrider.Transport.Tls;

namespace Postrider.Hosting.Fetching;

/// <summary>
/// Fetches our mail from another server on a connection that we open: by ATRN (RFC 2645), or by TURN (RFC 821 §3.8), before which
/// what is queued for that server goes out. What comes is received like all mail, by the server of this process.
/// </summary>
internal sealed class TurnedFetch(
    SmtpServer server,
    MailQueue queue,
    Router router,
    ConnectionRelay relay,
    CurrentSettings settings,
    IHostResolver resolver,
    INetwork network,
    ITlsUpgrade tls,
    KeyWorkers workers,
    TurnLog log,
    TimeProvider time)
{
    /// <summary>Fetches. What goes wrong is in the result.</summary>
    /// <param name="request">From whom, and how.</param>
    /// <param name="observer">Sees what is said until the roles change, or null.</param>
    /// <param name="stopping">Nothing more is to be sent.</param>
    /// <param name="cancellationToken">Gives up, until the roles have changed.</param>
    public async Task<FetchResult> RunAsync(FetchRequest request, IDialogueObserver? observer, CancellationToken stopping, CancellationToken cancellationToken)
    {
        var (connection, problem) = await OpenAsync(request, observer, cancellationToken);
        if (connection is null)
            return new FetchResult { Problem = problem };
        await using (connection)
        {
            if (connection.Ending is not null)
                return new FetchResult { Ending = connection.Ending };
            var sent = request.Domains is null
                ? await relay.SendAsync(connection, queue.Lease(QueuedFor(request.Host, connection)), stopping, cancellationToken)
                : default;
            if (connection.Ending is not null)
                return new FetchResult { Sent = sent, Ending = connection.Ending };
            var peer = (connection.RemoteEndPoint as IPEndPoint)!;
            if (await connection.TurnAsync(request.Domains, cancellationToken) is not { } transport)
            {
                var refused = new FetchResult
                {
                    Sent = sent,
                    Reply = connection.TurnReply,
                    Ending = connection.Ending,
                    Problem = connection.TurnReply is { IsPositive: true } ? "The server went on speaking where it was to be greeted" : null,
                };
                await connection.QuitAsync(cancellationToken);
                return refused;
            }
            var facts = new SessionFacts
            {
                PeerAddress = peer.Address,
                PeerPort = peer.Port,
                LocalAddress = (transport.LocalEndPoint as IPEndPoint)?.Address,
                LocalPort = (transport.LocalEndPoint as IPEndPoint)?.Port ?? 0,
                Tls = connection.Tls,
                IsTurned = true,
            };
            var end = await server.ServeAsync(transport, facts, settings.Value.TurnedSession);
            log.Fetched(request.Host, sent, end);
            return new FetchResult { Sent = sent, Reply = connection.TurnReply, End = end, Problem = end is null ? "The server stops, or has as many sessions as it may" : null };
        }
    }

    private async Task<(SmtpConnection? Connection, string? Problem)> OpenAsync(FetchRequest request, IDialogueObserver? observer, CancellationToken cancellationToken)
    {
        var (host, terms) = (request.Host, request.Terms);
        var found = IPAddress.TryParse(host.Host, out var literal) ? new HostAddresses([literal]) : await resolver.ResolveAsync(host.Host, cancellationToken);
        if (found.Problem is not null || found.Addresses.IsDefaultOrEmpty)
            return (null, found.Problem ?? $"The host {host.Host} has no address");
        SaslCredential? credential = null;
        if (terms.Credentials is { } credentials)
        {
            (credential, var problem) = await credentials.GetAsync(cancellationToken);
            if (credential is null)
                return (null, problem);
        }
        SmtpConnection? connection = null;
        foreach (var address in found.Addresses)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            var plan = new RelayPlan(settings.Value.ClientFor(request.HelloName ?? settings.Value.Hostname), tls, terms, host, IPAddress.IsLoopback(address), credential);
            connection = await SmtpConnection.OpenAsync(network, new IPEndPoint(address, host.Port), plan.Client, plan.Tls, time, observer, workers, cancellationToken);
            // Another address may answer where this one does not.
            if (connection.Ending is not { Kind: EndingKind.Unreachable })
                break;
        }
        return (connection, null);
    }

    // What goes to that server by its routes, and on no weaker terms than theirs.
    private HashSet<string> QueuedFor(RelayHost host, SmtpConnection connection)
    {
        var routes = router.Current;
        return [.. queue.CountByNextHop().Select(static hop => hop.NextHop).Where(key => routes.FindTarget(key) switch
        {
            RelayTarget target => IsFor(target),
            OnDemandTarget { Relay: { } target } => IsFor(target),
            _ => false,
        })];

        bool IsFor(RelayTarget target) => target.Hosts.Any(other => other.Host == host.Host) && target.Terms.Tls switch
        {
            TlsDemand.Verified => connection.Tls is { PeerCertificate: { IsTrusted: true, NamesHost: true } },
            TlsDemand.Required => connection.Tls is not null,
            _ => true,
        };
    }
}
