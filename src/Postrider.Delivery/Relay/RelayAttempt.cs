using Postrider.Delivery.Sites;
using Postrider.Queue.Outcomes;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Transport.Dialing;

namespace Postrider.Delivery.Relay;

/// <summary>The recipients of one attempt that no server has decided about yet.</summary>
internal sealed class RelayAttempt
{
    private readonly DeliveryAttempt attempt;
    private readonly bool wantsTls;
    private readonly Envelope envelope;
    private int[] pending;
    private DeliveryStatus? problem;
    private SiteCondition? condition;
    private string reason = "";

    /// <summary>Begins.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="wantsTls">Whether TLS is used where it is to be had.</param>
    /// <param name="content">The content.</param>
    public RelayAttempt(DeliveryAttempt attempt, bool wantsTls, IContentSource content)
    {
        this.attempt = attempt;
        this.wantsTls = wantsTls;
        Content = content;
        // RFC 4865: nothing of it goes from server to server; the time has come, or an operator has said so.
        envelope = attempt.Envelope.Envelope is { Release: not null } kept ? kept with { Release = null } : attempt.Envelope.Envelope;
        pending = [.. attempt.Open.Select(open => open.Index)];
    }

    public IContentSource Content { get; }

    /// <summary>
    /// Whether there is no other server to try, and this one may be reached otherwise later: what the connection is not good for
    /// is deferred then, and not failed.
    /// </summary>
    public bool IsOnlyWay { get; init; }

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
    /// <param name="result">The results.</param>
    /// <param name="speaker">The server, as reports name it.</param>
    /// <param name="tlsFailure">Why the mail went in the clear, or null.</param>
    public bool Take(TransactionResult result, string speaker, string? tlsFailure)
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
                status = StatusOf(recipient, result, speaker, tlsFailure);
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

    private DeliveryStatus StatusOf(in RecipientResult recipient, TransactionResult result, string speaker, string? tlsFailure)
    {
        var outcome = recipient.Verdict switch
        {
            RecipientVerdict.Accepted => DeliveryResult.Relayed,
            RecipientVerdict.Failed => DeliveryResult.Failed,
            _ => DeliveryResult.Deferred,
        };
        var enhanced = recipient.Enhanced;
        if (IsOnlyWay && recipient.IsUndecided && outcome == DeliveryResult.Failed)
            (outcome, enhanced) = (DeliveryResult.Deferred, enhanced with { Class = 4 });
        var text = recipient.MayHaveArrived ? $"{recipient.Text}; the server may have taken the message, a retry may make a duplicate" : recipient.Text;
        return new DeliveryStatus(outcome, enhanced, DeliveryText.OneLine(text), recipient.ReplyCode, result.Ending is { Kind: EndingKind.Unreachable } ? null : speaker)
        {
            IsReportedOn = outcome == DeliveryResult.Relayed && result.IsReportedOn,
            KeepsDeadline = outcome == DeliveryResult.Relayed && result.KeepsDeadline && envelope.DeliverBy is not null,
            // Where nothing was said about the mail, there is nothing to say of its protection.
            Protection = result.WasAnswered ? DeliveryText.OneLine(ConnectionProtection.Of(result.Tls, wantsTls, tlsFailure)) : null,
        };
    }
}
