using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Transport.Dialing;
using Postrider.Transport.Tls;

namespace Postrider.Delivery.Relay;

/// <summary>
/// Relays by SMTP: one transaction for the recipients of an entry, to the first of the target's hosts
/// that decides about them. A recipient goes to the next host only where none has decided, and never
/// where one may have taken the message.
/// </summary>
public sealed class RelayAgent : IDeliveryAgent
{
    // RFC 5321 §5.1: at least two addresses are tried; an attempt is not to last for ever either.
    private const int MaxAddresses = 5;

    private static readonly EnhancedStatusCode DirectoryFailure = new(4, 4, 3);
    private static readonly EnhancedStatusCode NoCredential = new(4, 7, 0);
    private static readonly TimeSpan WaitWhenStopping = TimeSpan.FromMinutes(1);

    // Weak, so that the plans of a target go with it when the routes are replaced.
    private readonly ConditionalWeakTable<RelayTarget, RelayPlan.Set> plans = [];
    private readonly ConnectionPool pool;
    private readonly IHostResolver resolver;
    private readonly ClientSettings settings;
    private readonly ITlsUpgrade tls;
    private readonly TimeProvider time;
    private readonly IDeliveryObserver? observer;
    private readonly BrokenTls brokenTls;

    /// <summary>Makes the agent.</summary>
    /// <param name="pool">Its connections; stays its owner's.</param>
    /// <param name="resolver">Finds the addresses of hosts.</param>
    /// <param name="settings">How to speak to servers; TLS and credentials are the target's terms.</param>
    /// <param name="tls">Brings connections under TLS.</param>
    /// <param name="time">The clock.</param>
    /// <param name="observer">Is told of hosts with which TLS does not come about; or null.</param>
    public RelayAgent(ConnectionPool pool, IHostResolver resolver, ClientSettings settings, ITlsUpgrade tls, TimeProvider time, IDeliveryObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(resolver);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(tls);
        ArgumentNullException.ThrowIfNull(time);
        this.pool = pool;
        this.resolver = resolver;
        this.settings = settings;
        this.tls = tls;
        this.time = time;
        this.observer = observer;
        brokenTls = new BrokenTls(time);
    }

    /// <inheritdoc/>
    /// <exception cref="SpoolDamageException">The body is damaged on disk; no server has seen its end.</exception>
    public async ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        if (attempt.Target is not RelayTarget target)
            throw new ArgumentException($"{attempt.Target} is no relay.", nameof(attempt));
        await using var content = await attempt.OpenContentAsync();
        if (content is null)
            return;
        var relay = new RelayAttempt(attempt, target.Terms.Tls != TlsDemand.None, new StoredContent(content));
        SaslCredential? credential = null;
        if (target.Terms.Credentials is { } credentials)
        {
            (credential, var problem) = await credentials.GetAsync(cancellationToken);
            if (credential is null)
            {
                relay.NoteProblem(new DeliveryStatus(DeliveryResult.Deferred, NoCredential, DeliveryText.OneLine(problem!)));
                relay.End();
                return;
            }
        }
        var set = plans.GetValue(target, key => new RelayPlan.Set(settings, tls, key));
        var addresses = 0;
        foreach (var host in target.Hosts)
        {
            var found = await ResolveAsync(host, cancellationToken);
            if (found.Problem is not null)
                relay.NoteProblem(new DeliveryStatus(DeliveryResult.Deferred, DirectoryFailure, DeliveryText.OneLine(found.Problem)));
            foreach (var address in found.Addresses)
            {
                if (addresses++ == MaxAddresses)
                    break;
                await SendAsync(relay, target.Key, host, address, set.For(host, address, credential, attempt.Envelope.Envelope.Tls), cancellationToken);
                if (cancellationToken.IsCancellationRequested && !relay.IsDone)
                {
                    // What nobody has decided is not this attempt's to judge: it was not given its time.
                    attempt.NotTried(time.GetUtcNow() + WaitWhenStopping, "The server is shutting down");
                    return;
                }
                if (relay.IsDone)
                    break;
            }
            if (relay.IsDone)
                break;
        }
        relay.End();
    }

    // As many transactions as the server's limit on recipients makes of it, while each decides about one recipient at least.
    private async ValueTask SendAsync(RelayAttempt relay, string site, RelayHost host, IPAddress address, RelayPlan plan, CancellationToken cancellationToken)
    {
        var endPoint = new IPEndPoint(address, host.Port);
        var speaker = IPAddress.TryParse(host.Host, out _) ? $"[{host.Host}]" : host.Host;
        var (client, upgrade) = (plan.Client, plan.Tls);
        string? failure = null;
        // What requires TLS for itself is not to fail for what happened to others.
        if (plan.Clear is not null && !relay.RequiresTls && brokenTls.TryFind(endPoint, out failure))
            (client, upgrade) = (plan.Clear, null);
        bool isAnotherNeeded;
        do
        {
            var result = await pool.SendAsync(site, endPoint, client, upgrade, relay.PendingEnvelope(), relay.Content, cancellationToken);
            if (result.Ending is { Kind: EndingKind.HandshakeFailed } ending && plan.Clear is not null && failure is null)
            {
                // RFC 7435 §3: what would go in the clear to a server without TLS goes so too where its TLS is broken.
                (client, upgrade, failure) = (plan.Clear, null, ending.Text);
                if (brokenTls.Remember(endPoint, $"{ending.Text} (at {time.GetUtcNow():HH:mm:ss})") is { } until)
                    observer?.TlsBroken(host, endPoint, DeliveryText.OneLine(ending.Text), until);
                isAnotherNeeded = true;
                continue;
            }
            isAnotherNeeded = relay.Take(result, speaker, failure);
        }
        while (isAnotherNeeded && !cancellationToken.IsCancellationRequested);
    }

    private async ValueTask<HostAddresses> ResolveAsync(RelayHost host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Host, out var address))
            return new HostAddresses([address]);
        var found = await resolver.ResolveAsync(host.Host, cancellationToken);
        return found.Problem is null && found.Addresses.IsDefaultOrEmpty
            ? new HostAddresses([], $"The host {host.Host} has no address")
            : found;
    }
}
