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
        var relay = new RelayAttempt(attempt, target, new StoredContent(content));
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
                await SendAsync(relay, host, address, set.For(host, address, credential, attempt.Envelope.Envelope.Tls), cancellationToken);
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
    private async ValueTask SendAsync(RelayAttempt relay, RelayHost host, IPAddress address, RelayPlan plan, CancellationToken cancellationToken)
    {
        var endPoint = new IPEndPoint(address, host.Port);
        var (client, upgrade) = (plan.Client, plan.Tls);
        string? failure = null;
        // What requires TLS for itself is not to fail for what happened to others.
        if (plan.Clear is not null && !relay.RequiresTls && brokenTls.TryFind(endPoint, out failure))
            (client, upgrade) = (plan.Clear, null);
        bool isAnotherNeeded;
        do
        {
            var result = await pool.SendAsync(relay.Site, endPoint, client, upgrade, relay.PendingEnvelope(), relay.Content, cancellationToken);
            if (result.Ending is { Kind: EndingKind.HandshakeFailed } ending && plan.Clear is not null && failure is null)
            {
                // RFC 7435 §3: what would go in the clear to a server without TLS goes so too where its TLS is broken.
                (client, upgrade, failure) = (plan.Clear, null, ending.Text);
                if (brokenTls.Remember(endPoint, $"{ending.Text} (at {time.GetUtcNow():HH:mm:ss})") is { } until)
                    observer?.TlsBroken(host, endPoint, DeliveryText.OneLine(ending.Text), until);
                isAnotherNeeded = true;
                continue;
            }
            isAnotherNeeded = relay.Take(result, host, failure);
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

    /// <summary>The recipients of one attempt that no server has decided about yet.</summary>
    private sealed class RelayAttempt
    {
        private readonly DeliveryAttempt attempt;
        private readonly RelayTarget target;
        private readonly Envelope envelope;
        private int[] pending;
        private DeliveryStatus? problem;
        private SiteCondition? condition;
        private string reason = "";

        public RelayAttempt(DeliveryAttempt attempt, RelayTarget target, IContentSource content)
        {
            this.attempt = attempt;
            this.target = target;
            Content = content;
            // RFC 4865 §3 item 8: nothing of it goes from server to server; the time has come, or an operator has said so.
            envelope = attempt.Envelope.Envelope is { Release: not null } kept ? kept with { Release = null } : attempt.Envelope.Envelope;
            pending = [.. attempt.Open.Select(open => open.Index)];
        }

        public string Site => target.Key;

        public IContentSource Content { get; }

        public bool IsDone => pending.Length == 0;

        public bool RequiresTls => envelope.Tls == TlsWish.Required;

        public Envelope PendingEnvelope() => pending.Length == envelope.Recipients.Length
            ? envelope
            : envelope with { Recipients = [.. pending.Select(index => envelope.Recipients[index])] };

        /// <summary>What is said of the recipients that nobody decides about. A problem that may pass is not covered by one that may not.</summary>
        public void NoteProblem(DeliveryStatus status)
        {
            if (problem is not { Result: DeliveryResult.Deferred } || status.Result == DeliveryResult.Deferred)
                problem = status;
        }

        /// <summary>Takes the results of a transaction. True where the same server takes the rest in another one.</summary>
        public bool Take(TransactionResult result, RelayHost host, string? tlsFailure)
        {
            NoteCondition(result);
            var left = new List<int>();
            var hasSurplus = false;
            DeliveryStatus? status = null;
            RecipientResult last = default;
            for (var i = 0; i < pending.Length; i++)
            {
                var recipient = result.Recipients[i];
                if (status is null || recipient != last)
                    status = StatusOf(recipient, result, host, tlsFailure);
                last = recipient;
                if (recipient.Verdict != RecipientVerdict.Surplus && !recipient.IsUndecided)
                {
                    attempt.Report(pending[i], status);
                    continue;
                }
                hasSurplus |= recipient.Verdict == RecipientVerdict.Surplus;
                NoteProblem(status);
                left.Add(pending[i]);
            }
            var isProgress = left.Count < pending.Length;
            pending = [.. left];
            return hasSurplus && isProgress;
        }

        public void End()
        {
            foreach (var index in pending)
                attempt.Report(index, problem!);
            if (condition is { } found)
                attempt.ReportSite(found, DeliveryText.OneLine(reason));
        }

        // The best that any of the hosts showed; SiteCondition is in that order.
        private void NoteCondition(TransactionResult result)
        {
            SiteCondition? found = result.Ending switch
            {
                null => result.WasAnswered ? SiteCondition.Reached : null,
                { IsPermanent: true } or { Kind: EndingKind.Cancelled } => null,
                { ReplyCode: 421 or (>= 400 and < 500) } => SiteCondition.Busy,
                _ => result.WasAnswered ? null : SiteCondition.Unreachable,
            };
            if (found is null || found >= condition)
                return;
            condition = found;
            reason = result.Ending?.Text ?? "";
        }

        private DeliveryStatus StatusOf(in RecipientResult recipient, TransactionResult result, RelayHost host, string? tlsFailure)
        {
            var outcome = recipient.Verdict switch
            {
                RecipientVerdict.Accepted => DeliveryResult.Relayed,
                RecipientVerdict.Failed => DeliveryResult.Failed,
                _ => DeliveryResult.Deferred,
            };
            var text = recipient.MayHaveArrived ? $"{recipient.Text}; the server may have taken the message, a retry may make a duplicate" : recipient.Text;
            var speaker = result.Ending is { Kind: EndingKind.Unreachable }
                ? null
                : IPAddress.TryParse(host.Host, out _) ? $"[{host.Host}]" : host.Host;
            return new DeliveryStatus(outcome, recipient.Enhanced, DeliveryText.OneLine(text), recipient.ReplyCode, speaker)
            {
                IsReportedOn = outcome == DeliveryResult.Relayed && result.IsReportedOn,
                KeepsDeadline = outcome == DeliveryResult.Relayed && result.KeepsDeadline && envelope.DeliverBy is not null,
                // Where nothing was said about the mail, there is nothing to say of its protection.
                Protection = result.WasAnswered ? DeliveryText.OneLine(ConnectionProtection.Of(result.Tls, target.Terms.Tls != TlsDemand.None, tlsFailure)) : null,
            };
        }
    }
}
