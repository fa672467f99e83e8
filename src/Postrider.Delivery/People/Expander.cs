using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Delivery.People;

/// <summary>One who gets a message in the end.</summary>
/// <param name="Sender">Who is told when that fails.</param>
/// <param name="Recipient">The recipient.</param>
/// <param name="FullName">The name that the list has for the recipient, or null.</param>
/// <param name="IsByList">Whether a list is on the way: the message begins anew there (RFC 5321 §3.9.2).</param>
internal readonly record struct ExpandedRecipient(ReversePath Sender, EnvelopeRecipient Recipient, string? FullName, bool IsByList);

/// <summary>
/// Follows aliases, lists and forwards to those who get the mail, all the way in one go. Each address is followed
/// once and each recipient named once, so that no circle holds it up. A user within what the user forwards to gets it in the mailbox.
/// </summary>
internal sealed class Expander(RoutingTable routes)
{
    private readonly List<AddressEntry> open = [];
    private readonly HashSet<AddressEntry> done = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> found = new(StringComparer.Ordinal);
    private List<ExpandedRecipient> recipients = [];
    private int lists;

    /// <summary>Follows one address. Who was found before by the same expander is not named again.</summary>
    public List<ExpandedRecipient> Expand(Mailbox address, ReversePath sender)
    {
        recipients = [];
        Follow(new NamedMailbox(routes.WithDomain(address)), sender);
        return recipients;
    }

    private void Follow(NamedMailbox address, ReversePath sender)
    {
        if (routes.FindPlace(address.Mailbox) is not { Target: MaildirTarget target })
            Add(address.Mailbox, sender, isFinal: false, AddressKey.Of(address.Mailbox), address.FullName);
        else if (target.People?.Find(address.Mailbox) is { } entry)
            Follow(entry, address, sender);
        else
            Add(address.Mailbox, sender, isFinal: true, AddressKey.Of(address.Mailbox), address.FullName);
    }

    private void Follow(AddressEntry entry, NamedMailbox address, ReversePath sender)
    {
        if (!entry.IsExpanded)
            Add(address.Mailbox, sender, isFinal: true, AddressKey.Of(entry.Name.Mailbox), address.FullName ?? entry.Name.FullName);
        else if (open.Contains(entry))
            CloseCircle(entry, sender);
        else if (!done.Contains(entry))
        {
            open.Add(entry);
            if (entry.KeepsCopy)
                AddMailbox(entry, sender);
            // RFC 5321 §3.9.1: an alias keeps the sender; §3.9.2: a list puts its owner there. The null sender stays (§4.5.5).
            var by = entry.Kind == AddressKind.List && !sender.IsNull ? new ReversePath(entry.Owner) : sender;
            lists += entry.Kind == AddressKind.List ? 1 : 0;
            foreach (var to in entry.LeadsTo)
                Follow(to, by);
            lists -= entry.Kind == AddressKind.List ? 1 : 0;
            open.RemoveAt(open.Count - 1);
            done.Add(entry);
        }
    }

    // Who forwards to a list that the same person is on would get nothing by either: the mailbox gets it.
    private void CloseCircle(AddressEntry back, ReversePath sender)
    {
        for (var i = open.Count - 1; i >= 0; i--)
        {
            if (open[i].User is not null)
                AddMailbox(open[i], sender);
            if (ReferenceEquals(open[i], back))
                return;
        }
    }

    private void AddMailbox(AddressEntry user, ReversePath sender) =>
        Add(user.Name.Mailbox, sender, isFinal: true, AddressKey.Of(user.Name.Mailbox), user.Name.FullName);

    private void Add(Mailbox mailbox, ReversePath sender, bool isFinal, string key, string? fullName)
    {
        if (found.Add(key))
            recipients.Add(new ExpandedRecipient(sender, new EnvelopeRecipient(mailbox) { IsFinal = isFinal }, fullName, lists > 0));
    }
}
