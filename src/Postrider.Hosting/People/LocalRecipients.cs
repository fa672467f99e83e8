using Postrider.Delivery.Local;
using Postrider.Delivery.People;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;

namespace Postrider.Hosting.People;

/// <summary>What RCPT is answered for a recipient whose domain is delivered here.</summary>
internal sealed class LocalRecipients(MailboxSizes sizes)
{
    /// <summary>The reply, or null: the recipient is here, and takes the message.</summary>
    public async ValueTask<Reply?> JudgeAsync(Mailbox mailbox, ReceptionSession session)
    {
        var routes = session.Policy.Routes;
        if (routes.FindMailboxes(mailbox) is not { People: { } people } mailboxes)
            return null;
        var address = routes.WithDomain(mailbox);
        switch (people.Find(address))
        {
            case null when people.TakesAnybody:
                return null;
            case null:
                // Only who may ask is told that it is near to something.
                return session.Policy.Asking.MayAsk(session.Facts) && people.Search(address.LocalPart, 2).Count > 1
                    ? ReplyCatalogue.Ambiguous
                    : ReplyCatalogue.NoSuchUser;
            case { Kind: AddressKind.Moved } moved:
                var to = moved.LeadsTo[0].Mailbox;
                return !to.IsAscii ? moved.IsForwarded ? null : ReplyCatalogue.NoSuchUser
                    : (moved.IsForwarded ? ReplyCatalogue.WillForward : ReplyCatalogue.UserMoved).With(to.ToString());
            case { User: { } user, LeadsTo.IsEmpty: true }:
                return await JudgeAsync(user, mailboxes, session.DeclaredSize);
            default:
                return null;
        }
    }

    private async ValueTask<Reply?> JudgeAsync(LocalUser user, MaildirTarget mailboxes, long size)
    {
        switch (user.State)
        {
            case MailboxState.Locked:
                return ReplyCatalogue.MailboxLocked;
            case MailboxState.Disabled:
                return ReplyCatalogue.MailboxDisabled;
        }
        if (user.Quota.Octets > 0 && size > user.Quota.Octets)
            return ReplyCatalogue.LargerThanMailbox;
        return await sizes.HasRoomAsync(Path.Join(mailboxes.Root, user.Folder), user.Quota, size) ? null
            : user.Quota.IsFinal ? ReplyCatalogue.MailboxFullForGood
            : ReplyCatalogue.MailboxFull;
    }
}
