using System.Text;
using Postrider.Mime.Headers;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Mime.Reports;

/// <summary>
/// A delivery report (RFC 3464): a text for people, fields for programs, and what it is about, in a
/// multipart/report (RFC 3462). It goes out with the null sender, and is never answered with another.
/// </summary>
public sealed record DeliveryReport
{
    /// <summary>The name of this host, in ASCII.</summary>
    public required string HostName { get; init; }

    /// <summary>Whom it is sent to: the reverse-path of the message it is about.</summary>
    public required Mailbox To { get; init; }

    /// <summary>Its own Message-ID, without angle brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>
    /// Stands between its parts: 1 to 70 letters and digits that nobody can foresee, or the message it
    /// is about could end a part.
    /// </summary>
    public required string Boundary { get; init; }

    /// <summary>When it is made.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>When the message that it is about was accepted.</summary>
    public required DateTimeOffset Arrived { get; init; }

    /// <summary>The name under which that message was queued here.</summary>
    public required string QueueId { get; init; }

    /// <summary>The sender's own name for the transaction (ENVID, RFC 3461 §4.4), or null.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>Until when the sender wanted the message to be kept (RFC 4865), or null.</summary>
    public FutureRelease? Release { get; init; }

    /// <summary>By when the sender wanted the message to be delivered (RFC 2852), or null.</summary>
    public DateTimeOffset? DeliverBy { get; init; }

    /// <summary>What it reports; at least one recipient.</summary>
    public required IReadOnlyList<ReportedRecipient> Recipients { get; init; }

    /// <summary>The message it is about, from its start: all of it, or its header block at least.</summary>
    public ReadOnlyMemory<byte> Original { get; init; }

    /// <summary>Octets of the header block at the start of <see cref="Original"/>, its empty line included.</summary>
    public int OriginalHeaderLength { get; init; }

    /// <summary>Whether <see cref="Original"/> is all of the message and goes into the report whole.</summary>
    public bool IncludesWhole { get; init; }

    /// <summary>
    /// Whether it is about an internationalized message, and the parts are those of RFC 6533. Set of
    /// itself where an address needs it.
    /// </summary>
    public bool IsInternational
    {
        get => field || !To.IsAscii || Recipients.Any(recipient => !recipient.Mailbox.IsAscii || !Ascii.IsValid(recipient.OriginalRecipient?.Address));
        init;
    }

    /// <summary>The report as a message. An octet above 127 occurs in it only where one must.</summary>
    public byte[] Format()
    {
        var original = OriginalPart.Make(Original, IncludesWhole, OriginalHeaderLength);
        var explanation = new StringBuilder();
        ExplanationPart.Append(explanation, this, original.IsWhole);
        var status = new StringBuilder();
        StatusPart.Append(status, this);
        var isEightBit = original.IsEightBit || !IsAscii(explanation) || !IsAscii(status);

        var head = new StringBuilder();
        AppendHeader(head, isEightBit);
        // RFC 3462 §1: for those whose program knows no MIME.
        head.Append("This is a delivery report in the format of MIME.\r\n");
        AppendPart(head, "Notification", IsAscii(explanation) ? "text/plain; charset=us-ascii" : "text/plain; charset=utf-8", !IsAscii(explanation));
        head.Append(explanation);
        AppendPart(head, "Delivery report", IsInternational ? "message/global-delivery-status" : "message/delivery-status", !IsAscii(status));
        head.Append(status);
        AppendPart(head, original.IsWhole ? "Message" : "Header of the message", OriginalType(original.IsWhole), original.IsEightBit);
        var tail = $"\r\n--{Boundary}--\r\n";

        var text = head.ToString();
        var report = new byte[Encoding.UTF8.GetByteCount(text) + original.Content.Length + tail.Length];
        var length = Encoding.UTF8.GetBytes(text, report);
        original.Content.CopyTo(report.AsMemory(length));
        Encoding.ASCII.GetBytes(tail, report.AsSpan(length + original.Content.Length));
        return report;
    }

    private void AppendHeader(StringBuilder head, bool isEightBit)
    {
        head.AppendField("Date", HeaderText.Date(Date));
        head.AppendField("From", $"Mail Delivery System <MAILER-DAEMON@{HostName}>");
        head.AppendField("To", $"<{To}>");
        head.AppendField("Subject", ExplanationPart.Subject(this));
        head.AppendField("Message-ID", $"<{MessageId}>");
        // RFC 3834 §5: other programs see that they need not answer.
        head.AppendField("Auto-Submitted", "auto-replied");
        head.AppendField("MIME-Version", "1.0");
        head.AppendField("Content-Type", $"multipart/report; report-type=delivery-status; boundary=\"{Boundary}\"");
        if (isEightBit)
            head.AppendField("Content-Transfer-Encoding", "8bit");
        head.Append("\r\n");
    }

    private void AppendPart(StringBuilder text, string description, string type, bool isEightBit)
    {
        text.Append("\r\n--").Append(Boundary).Append("\r\n");
        text.AppendField("Content-Description", description);
        text.AppendField("Content-Type", type);
        if (isEightBit)
            text.AppendField("Content-Transfer-Encoding", "8bit");
        text.Append("\r\n");
    }

    // RFC 3462 §2, RFC 6533 §5.
    private string OriginalType(bool isWhole) => (isWhole, IsInternational) switch
    {
        (true, false) => "message/rfc822",
        (true, true) => "message/global",
        (false, false) => "text/rfc822-headers",
        (false, true) => "message/global-headers",
    };

    private static bool IsAscii(StringBuilder text)
    {
        foreach (var chunk in text.GetChunks())
        {
            if (!Ascii.IsValid(chunk.Span))
                return false;
        }
        return true;
    }
}
