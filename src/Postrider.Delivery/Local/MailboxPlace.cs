using Postrider.Delivery.People;
using Postrider.Queue.Outcomes;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;

namespace Postrider.Delivery.Local;

/// <summary>Where mail for one mailbox goes, or why it does not.</summary>
/// <param name="Folder">The mailbox's folder below the root.</param>
/// <param name="Quota">How much it may hold.</param>
/// <param name="Refusal">Why it takes no mail, or null.</param>
internal readonly record struct MailboxPlace(string Folder, MailboxQuota Quota = default, DeliveryStatus? Refusal = null)
{
    // RFC 3463 §3.2 and §3.3: the codes are those that RCPT gives for the same.
    private static readonly DeliveryStatus nobody = new(DeliveryResult.Failed, new EnhancedStatusCode(5, 1, 1), "There is nobody of that name here");
    private static readonly DeliveryStatus locked = new(DeliveryResult.Deferred, new EnhancedStatusCode(4, 2, 1), "The mailbox is locked");
    private static readonly DeliveryStatus disabled = new(DeliveryResult.Failed, new EnhancedStatusCode(5, 2, 1), "The mailbox is disabled");

    /// <summary>The place of a mailbox, expanded or not; who was here when the mail was accepted may have gone.</summary>
    public static MailboxPlace In(AddressBook people, Mailbox mailbox) => people.Find(mailbox) switch
    {
        { User: { } user } => new MailboxPlace(user.Folder, user.Quota, user.State switch
        {
            MailboxState.Locked => locked,
            MailboxState.Disabled => disabled,
            _ => null,
        }),
        { Kind: AddressKind.Moved } moved => new MailboxPlace(MailboxFolder.Of(mailbox), default, new DeliveryStatus(DeliveryResult.Failed, new EnhancedStatusCode(5, 1, 6), $"Moved to <{moved.LeadsTo[0].Mailbox}>")),
        null when people.TakesAnybody => new MailboxPlace(MailboxFolder.Of(mailbox)),
        _ => new MailboxPlace(MailboxFolder.Of(mailbox), default, nobody),
    };
}
