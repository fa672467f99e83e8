using System.Globalization;
using Microsoft.Extensions.Logging;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Events;

/// <summary>
/// The reception part of the mail log: one line for each stage of a message, each with a stable event id. What is in a
/// message is never logged, and what a peer said is logged without control characters.
/// </summary>
internal sealed partial class ReceptionLog(ILogger<ReceptionLog> logger)
{
    // A line stays a line: further recipients are counted.
    private const int RecipientsShown = 3;

    /// <summary>MAIL was refused, or the start of the message.</summary>
    public void SenderRefused(ReversePath sender, Reply reply, SessionFacts facts) =>
        LogSenderRefused(sender.ToString(), reply, PeerText.Of(facts));

    /// <summary>A recipient was refused.</summary>
    public void RecipientRefused(ReversePath sender, Mailbox recipient, Reply reply, SessionFacts facts) =>
        LogRecipientRefused(sender.ToString(), recipient.ToString(), reply, PeerText.Of(facts));

    /// <summary>A message was refused at its end.</summary>
    public void MessageRefused(SpoolId message, Envelope envelope, Reply reply, SessionFacts facts) =>
        LogMessageRefused(message, envelope.ReversePath.ToString(), Recipients(envelope), reply, PeerText.Of(facts));

    /// <summary>A message is on stable storage.</summary>
    public void Accepted(SpoolId message, Envelope envelope, long size, SessionFacts facts)
    {
        if (logger.IsEnabled(LogLevel.Information))
            LogAccepted(message, envelope.ReversePath.ToString(), Recipients(envelope), size, PeerText.Of(facts), ProtocolOf(envelope, facts));
    }

    /// <summary>ETRN: a peer wants the mail that waits for a domain.</summary>
    public void QueueAskedFor(string node, Reply reply, SessionFacts facts) => LogQueueAskedFor(node, reply, PeerText.Of(facts));

    private static string ProtocolOf(Envelope envelope, SessionFacts facts) =>
        facts.Tls is null ? facts.ProtocolOf(envelope) : $"{facts.ProtocolOf(envelope)} ({facts.Tls})";

    private static string Recipients(Envelope envelope)
    {
        var recipients = envelope.Recipients;
        if (recipients.Length == 1)
            return $"<{recipients[0].Mailbox}>";
        var shown = string.Join(", ", recipients.Take(RecipientsShown).Select(static r => $"<{r.Mailbox}>"));
        return recipients.Length <= RecipientsShown
            ? shown
            : string.Create(CultureInfo.InvariantCulture, $"{shown} and {recipients.Length - RecipientsShown} more");
    }
}
