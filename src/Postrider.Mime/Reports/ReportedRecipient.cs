using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Mime.Reports;

/// <summary>What a report says of a recipient (RFC 3464 §2.3.3).</summary>
public enum ReportAction
{
    /// <summary>Not delivered, and not tried again.</summary>
    Failed,

    /// <summary>Not delivered yet, and tried on.</summary>
    Delayed,

    /// <summary>Delivered.</summary>
    Delivered,

    /// <summary>Handed on to a server that does not report success.</summary>
    Relayed,

    /// <summary>Delivered to an alias that stands for several.</summary>
    Expanded,
}

/// <summary>What is reported of one recipient.</summary>
/// <param name="Mailbox">The recipient.</param>
/// <param name="Action">What became of it.</param>
/// <param name="Status">Its status code (RFC 3463).</param>
/// <param name="Text">Why, in one line for a human reader.</param>
public sealed record ReportedRecipient(Mailbox Mailbox, ReportAction Action, EnhancedStatusCode Status, string Text)
{
    /// <summary>The address that the sender gave at first (RFC 3461 §4.2), or null.</summary>
    public OriginalRecipient? OriginalRecipient { get; init; }

    /// <summary>Until when a delayed one is tried, or null.</summary>
    public DateTimeOffset? WillRetryUntil { get; init; }

    /// <summary>The server that spoke, as a name or <c>[address]</c>, or null.</summary>
    public string? RemoteHost { get; init; }

    /// <summary>The code of its reply, or 0 where none spoke.</summary>
    public int ReplyCode { get; init; }

    /// <summary>What it said, or null: <see cref="Text"/> is it then.</summary>
    public string? Diagnostic { get; init; }

    /// <summary>When it was tried last, or null.</summary>
    public DateTimeOffset? LastAttempt { get; init; }
}
