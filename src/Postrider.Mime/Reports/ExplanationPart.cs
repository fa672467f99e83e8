using System.Globalization;
using System.Text;
using Postrider.Mime.Headers;

namespace Postrider.Mime.Reports;

/// <summary>The part of a report that people read.</summary>
internal static class ExplanationPart
{
    public static string Subject(DeliveryReport report) => Worst(report) switch
    {
        ReportAction.Failed => "Your message could not be delivered",
        ReportAction.Delayed => "Your message is delayed",
        _ => "Your message was delivered",
    };

    public static void Append(StringBuilder text, DeliveryReport report, bool hasWhole)
    {
        Paragraph(text, $"This is the mail server {report.HostName}. It is about your message of {HeaderText.Date(report.Arrived)}.");
        foreach (var group in report.Recipients.GroupBy(recipient => recipient.Action).OrderBy(group => group.Key))
        {
            Paragraph(text, Sentence(group.Key, group.Count() == 1));
            foreach (var recipient in group)
            {
                text.Append("  <").Append(recipient.Mailbox).Append(">\r\n");
                Reason(text, recipient, report.IsInternational);
                text.Append("\r\n");
            }
        }
        Paragraph(text, hasWhole
            ? "Your message is attached. If you ask somebody for help, please pass on this whole report."
            : "The header of your message is attached. If you ask somebody for help, please pass on this whole report.");
    }

    private static ReportAction Worst(DeliveryReport report) => report.Recipients.Min(recipient => recipient.Action);

    private static string Sentence(ReportAction action, bool isOne)
    {
        var whom = isOne ? "this recipient" : "these recipients";
        return action switch
        {
            ReportAction.Failed => $"I am sorry: it could not be delivered to {whom}, and I will not try again.",
            ReportAction.Delayed => $"It could not be delivered to {whom} so far. I keep trying, you need not send it again.",
            ReportAction.Delivered => $"It was delivered to {whom}.",
            ReportAction.Relayed => $"It was passed on to another server, for {whom}. That server may not report what becomes of it.",
            _ => $"It was delivered to {whom}, which stands for several others.",
        };
    }

    private static void Reason(StringBuilder text, ReportedRecipient recipient, bool isInternational)
    {
        if (recipient.ReplyCode > 0)
        {
            var host = recipient.RemoteHost ?? "The server";
            Indented(text, HeaderText.OneLine(
                string.Create(CultureInfo.InvariantCulture, $"{host} said: {recipient.ReplyCode} {recipient.Diagnostic ?? recipient.Text}"), isInternational));
            if (recipient.Diagnostic?.EndsWith(recipient.Text, StringComparison.Ordinal) ?? true)
                return;
        }
        Indented(text, HeaderText.OneLine(recipient.Text, isInternational));
    }

    private static void Indented(StringBuilder text, string words)
    {
        text.Append("   ");
        FieldFolding.AppendFolded(text, words.TrimEnd(), 3, "\r\n    ");
        text.Append("\r\n");
    }

    private static void Paragraph(StringBuilder text, string words)
    {
        var start = text.Length;
        FieldFolding.AppendFolded(text, words, 0, "\r\n");
        text.Remove(start, 1).Append("\r\n\r\n");
    }
}
