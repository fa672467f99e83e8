using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.People;

/// <summary>Somebody with a mailbox on this machine.</summary>
/// <param name="Mailbox">The address that the mailbox goes by.</param>
/// <param name="Folder">The mailbox's folder below the root of the Maildirs.</param>
public sealed record LocalUser(Mailbox Mailbox, string Folder)
{
    /// <summary>How much the mailbox may hold.</summary>
    public MailboxQuota Quota { get; init; }

    /// <summary>Whether the mailbox takes mail.</summary>
    public MailboxState State { get; init; }
}
