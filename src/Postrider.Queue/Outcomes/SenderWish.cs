using Postrider.Mime.Reports;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Outcomes;

/// <summary>Of what the sender of a message is told for a recipient (RFC 3461 §4.1, §5.2): what it asked for, or failures alone.</summary>
internal static class SenderWish
{
    /// <summary>What is reported of an outcome, or null: nothing.</summary>
    /// <param name="recipient">The recipient, with what the sender wants to be told.</param>
    /// <param name="status">What became of it.</param>
    /// <param name="isLate">Whether a deferred message passes the age now at which its delay is told.</param>
    /// <param name="by">Within which time it is to be delivered, or null.</param>
    /// <param name="hasRunOut">Whether that time has run out since the last attempt.</param>
    public static ReportAction? ActionFor(EnvelopeRecipient recipient, DeliveryStatus status, bool isLate, DeliverBy? by = null, bool hasRunOut = false) => status.Result switch
    {
        DeliveryResult.Failed when WantsFailure(recipient) => ReportAction.Failed,
        DeliveryResult.Delivered when Wants(recipient, Notifications.Success) => ReportAction.Delivered,
        // RFC 3461 §5.2.2: a server that knows DSN tells it itself, later.
        DeliveryResult.Relayed when Wants(recipient, Notifications.Success) && !status.IsReportedOn => ReportAction.Relayed,
        // RFC 2852 §4.1: for a trace, and where nobody keeps to the time any more.
        DeliveryResult.Relayed when by is not null && (by.IsTraced || !status.KeepsDeadline) && recipient.Notify != Notifications.Never => ReportAction.Relayed,
        // RFC 3461 §5.2.7.2: told where several stand behind it; one alone is told of by who delivers to it (§5.2.7.1).
        DeliveryResult.Expanded when Wants(recipient, Notifications.Success) && !status.IsReportedOn => ReportAction.Expanded,
        // RFC 2852 §4.1: of itself, unless the sender has named other things alone.
        DeliveryResult.Deferred when hasRunOut && (recipient.Notify == Notifications.Unspecified || Wants(recipient, Notifications.Delay)) => ReportAction.Delayed,
        DeliveryResult.Deferred when isLate && Wants(recipient, Notifications.Delay) => ReportAction.Delayed,
        _ => null,
    };

    /// <summary>Whether a failure is told.</summary>
    public static bool WantsFailure(EnvelopeRecipient recipient) =>
        recipient.Notify == Notifications.Unspecified || Wants(recipient, Notifications.Failure);

    private static bool Wants(EnvelopeRecipient recipient, Notifications what) => (recipient.Notify & what) != 0;
}
