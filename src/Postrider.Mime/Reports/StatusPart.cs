using System.Globalization;
using System.Text;
using Postrider.Mime.Headers;
using Postrider.Smtp.Extensions;

namespace Postrider.Mime.Reports;

/// <summary>The part of a report that programs read: message/delivery-status (RFC 3464 §2).</summary>
internal static class StatusPart
{
    public static void Append(StringBuilder text, DeliveryReport report)
    {
        // RFC 3464 §2.2: fields of the message.
        if (report.EnvelopeId is not null)
            text.AppendField("Original-Envelope-Id", HeaderText.OneLine(report.EnvelopeId, allowsUtf8: false));
        text.AppendField("Reporting-MTA", $"dns; {report.HostName}");
        text.AppendField("Arrival-Date", HeaderText.Date(report.Arrived));
        // RFC 2852 §5.
        if (report.DeliverBy is { } deadline)
            text.AppendField("Deliver-By-Date", HeaderText.Date(deadline));
        // RFC 4865: as it was asked for.
        if (report.Release is { } release)
        {
            text.AppendField("Future-Release-Request", release.After is { } after
                ? string.Create(CultureInfo.InvariantCulture, $"for;{(long)after.TotalSeconds}")
                : $"until;{FutureReleaseExtension.Format(release.At!.Value)}");
        }
        text.AppendField("X-Postrider-Queue-ID", report.QueueId);
        foreach (var recipient in report.Recipients)
        {
            text.Append("\r\n");
            AppendRecipient(text, recipient, report.IsInternational);
        }
    }

    // RFC 3464 §2.3: fields of a recipient.
    private static void AppendRecipient(StringBuilder text, ReportedRecipient recipient, bool isInternational)
    {
        // RFC 3464 §2.3.1: as the sender gave it.
        if (recipient.OriginalRecipient is { } original)
            text.AppendField("Original-Recipient", $"{original.AddressType}; {HeaderText.OneLine(original.Address, isInternational)}");
        // RFC 6533 §3: an address that needs UTF-8 has a type of its own.
        var type = isInternational && !recipient.Mailbox.IsAscii ? "utf-8" : "rfc822";
        text.AppendField("Final-Recipient", $"{type}; {recipient.Mailbox}");
        text.AppendField("Action", ActionName(recipient.Action));
        text.AppendField("Status", recipient.Status.ToString());
        if (recipient.RemoteHost is not null)
            text.AppendField("Remote-MTA", $"dns; {HeaderText.OneLine(recipient.RemoteHost, isInternational)}");
        text.AppendField("Diagnostic-Code", HeaderText.OneLine(Diagnostic(recipient), isInternational));
        if (recipient.LastAttempt is { } last)
            text.AppendField("Last-Attempt-Date", HeaderText.Date(last));
        if (recipient.WillRetryUntil is { } until)
            text.AppendField("Will-Retry-Until", HeaderText.Date(until));
    }

    private static string Diagnostic(ReportedRecipient recipient)
    {
        var said = recipient.Diagnostic ?? recipient.Text;
        // RFC 3464 §9.2: smtp is what a server said, code first; anything else has a type of its own.
        return recipient.ReplyCode > 0
            ? string.Create(CultureInfo.InvariantCulture, $"smtp; {recipient.ReplyCode} {said}")
            : $"x-postrider; {said}";
    }

    private static string ActionName(ReportAction action) => action switch
    {
        ReportAction.Failed => "failed",
        ReportAction.Delayed => "delayed",
        ReportAction.Delivered => "delivered",
        ReportAction.Relayed => "relayed",
        _ => "expanded",
    };
}
