namespace Postrider.Delivery.People;

/// <summary>Whether a mailbox takes mail.</summary>
public enum MailboxState
{
    /// <summary>It does.</summary>
    Open,

    /// <summary>Not now: senders try again (450 4.2.1).</summary>
    Locked,

    /// <summary>Not any more: mail is returned (550 5.2.1).</summary>
    Disabled,
}
