namespace Postrider.Smtp.Addresses;

/// <summary>
/// Where failures of a message are reported (RFC 5321 §4.1.1.2): a mailbox, or the null sender
/// <c>&lt;&gt;</c>, whose mail is never answered with a report (§4.5.5).
/// </summary>
/// <param name="Mailbox">The sender's mailbox, or null for the null sender.</param>
public readonly record struct ReversePath(Mailbox? Mailbox)
{
    /// <summary>The null sender, <c>&lt;&gt;</c>.</summary>
    public static ReversePath Null => default;

    /// <summary>Whether this is the null sender.</summary>
    public bool IsNull => Mailbox is null;

    /// <summary>The path without angle brackets; empty for the null sender.</summary>
    public override string ToString() => Mailbox?.ToString() ?? "";
}
