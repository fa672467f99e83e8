namespace Postrider.Delivery.People;

/// <summary>What is said of a user.</summary>
public sealed record UserTerms
{
    /// <summary>The name as people write it, or null.</summary>
    public string? FullName { get; init; }

    /// <summary>The mailbox's folder below the root of the Maildirs, parts separated by slashes, or null: that of the address.</summary>
    public string? Folder { get; init; }

    /// <summary>How much the mailbox may hold; no limit unless set.</summary>
    public MailboxQuota Quota { get; init; }

    /// <summary>Whether the mailbox takes mail; it does unless set.</summary>
    public MailboxState State { get; init; }

    /// <summary>Where mail is forwarded to, or empty: it stays here.</summary>
    public IReadOnlyList<string> Forward { get; init; } = [];

    /// <summary>Whether a copy of what is forwarded stays here.</summary>
    public bool KeepsCopy { get; init; }
}
