using System.Buffers;
using Postrider.Delivery.Routing;
using Postrider.Queue.Outcomes;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Delivery.Terminals;

/// <summary>
/// Delivers what came by SEND, SOML and SAML (RFC 821 §3.4) to terminals, and everything else, or what is for mailboxes
/// too, by the agent of the mailboxes. SEND succeeds at the terminal, SOML at either, SAML in the mailbox.
/// </summary>
public sealed class TerminalAgent : IDeliveryAgent
{
    private static readonly DeliveryStatus shown =
        new(DeliveryResult.Delivered, new EnhancedStatusCode(2, 0, 0), "Shown on the user's terminal");

    // A message for a terminal is for now: waiting for its user to come back is what mailboxes are for.
    private static readonly DeliveryStatus gone =
        new(DeliveryResult.Failed, new EnhancedStatusCode(5, 2, 1), "The user has no terminal open that takes messages");

    private readonly UserTerminals terminals;
    private readonly IDeliveryAgent mailboxes;
    private readonly string host;
    private readonly TimeProvider time;

    /// <summary>Makes the agent.</summary>
    /// <param name="terminals">The terminals that are open.</param>
    /// <param name="mailboxes">Delivers to mailboxes; it leaves recipients alone that have an outcome.</param>
    /// <param name="host">This server's name.</param>
    /// <param name="time">The clock.</param>
    public TerminalAgent(UserTerminals terminals, IDeliveryAgent mailboxes, string host, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(terminals);
        ArgumentNullException.ThrowIfNull(mailboxes);
        ArgumentNullException.ThrowIfNull(time);
        this.terminals = terminals;
        this.mailboxes = mailboxes;
        this.host = host;
        this.time = time;
    }

    /// <inheritdoc/>
    public async ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        switch (attempt.Envelope.Envelope.Mode)
        {
            case DeliveryMode.Mailbox:
                await mailboxes.DeliverAsync(attempt, cancellationToken);
                break;
            case DeliveryMode.TerminalAndMailbox:
                await mailboxes.DeliverAsync(attempt, cancellationToken);
                // Only with the mailbox's success, or each retry would show it again.
                var kept = attempt.Outcomes.Where(static outcome => outcome.Status.Result == DeliveryResult.Delivered).Select(static outcome => outcome.Recipient);
                if (!attempt.IsGone)
                    await ShowAsync(attempt, [.. kept], static (_, _) => { }, cancellationToken);
                break;
            case var mode:
                await ShowAsync(attempt, [.. attempt.Open.Select(static open => open.Index)], attempt.Report, cancellationToken);
                if (mode == DeliveryMode.Terminal && !attempt.IsGone)
                    attempt.ReportRemaining(gone);
                else if (!attempt.IsComplete && !attempt.IsGone)
                    await mailboxes.DeliverAsync(attempt, cancellationToken);
                break;
        }
    }

    private async ValueTask ShowAsync(DeliveryAttempt attempt, int[] recipients, Action<int, DeliveryStatus> report, CancellationToken cancellationToken)
    {
        string? text = null;
        foreach (var recipient in recipients)
        {
            if (((MaildirTarget)attempt.Target).UserOf(attempt.Recipient(recipient).Mailbox) is not { } user || !terminals.Accepts(user))
                continue;
            text ??= await ReadAsync(attempt, cancellationToken);
            if (text is null)
                return;
            if (await terminals.ShowAsync(user, text, cancellationToken))
                report(recipient, shown);
        }
    }

    private async ValueTask<string?> ReadAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        await using var content = await attempt.OpenContentAsync();
        if (content is null)
            return null;
        var buffer = ArrayPool<byte>.Shared.Rent(TerminalText.MostOctets);
        try
        {
            var length = 0;
            while (length < TerminalText.MostOctets && await content.ReadAsync(buffer.AsMemory(length, TerminalText.MostOctets - length), cancellationToken) is var read and > 0)
                length += read;
            var sender = attempt.Envelope.Envelope.ReversePath.Mailbox?.ToString() ?? "";
            return TerminalText.Of(sender, host, time.GetLocalNow(), buffer.AsSpan(0, length), length == content.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
