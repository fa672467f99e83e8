namespace Postrider.Hosting.People;

/// <summary>A user with a mailbox here.</summary>
public sealed class UserOptions
{
    /// <summary>The name as people write it, which VRFY gives to those who may ask.</summary>
    public string? FullName { get; set; }

    /// <summary>The mailbox's folder below that of all mailboxes; that of the address unless set.</summary>
    public string? Mailbox { get; set; }

    /// <summary>Octets that the mailbox may hold; 0, no limit, unless set.</summary>
    public long Quota { get; set; }

    /// <summary>Messages that the mailbox may hold; 0, no limit, unless set.</summary>
    public int QuotaMessages { get; set; }

    /// <summary><c>open</c>, <c>locked</c> (450 4.2.1: senders try again) or <c>disabled</c> (550 5.2.1). <c>open</c> unless set.</summary>
    public string State { get; set; } = "open";

    /// <summary>Where mail is forwarded to; nowhere unless set.</summary>
    public IList<string> Forward { get; set; } = [];

    /// <summary>Whether a copy of what is forwarded stays here.</summary>
    public bool KeepCopy { get; set; }
}
