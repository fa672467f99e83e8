using Postrider.Delivery.Local;
using Postrider.Delivery.People;
using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.Routing;

/// <summary>Mailboxes on this machine, a Maildir for each recipient under one folder.</summary>
public sealed class MaildirTarget : RouteTarget
{
    /// <summary>Makes the target.</summary>
    /// <param name="root">The folder that holds <c>domain/local part/{tmp,new,cur}</c>, as a full path.</param>
    /// <param name="postmaster">Whose mailbox takes mail for the bare <c>postmaster</c>, or null: one without a domain.</param>
    /// <param name="people">Who has a mailbox, or null: everybody.</param>
    /// <exception cref="ArgumentException">The path is not a full one.</exception>
    public MaildirTarget(string root, Mailbox? postmaster = null, AddressBook? people = null)
        : base("maildir:" + Path.TrimEndingDirectorySeparator(root))
    {
        if (!Path.IsPathFullyQualified(root))
            throw new ArgumentException($"The folder of Maildirs is given by its full path, not as '{root}'.", nameof(root));
        Root = Path.TrimEndingDirectorySeparator(root);
        Postmaster = postmaster;
        People = people;
    }

    /// <inheritdoc/>
    public override bool IsLocal => true;

    /// <summary>The folder of the mailboxes, a full path.</summary>
    public string Root { get; }

    /// <summary>Whose mailbox takes mail for the bare <c>postmaster</c> (RFC 5321 §4.5.1), or null.</summary>
    public Mailbox? Postmaster { get; }

    /// <summary>Who has a mailbox, or null: everybody.</summary>
    public AddressBook? People { get; }

    /// <summary>The folder of a mailbox, a full path; <c>tmp</c>, <c>new</c> and <c>cur</c> are in it.</summary>
    public string FolderOf(Mailbox mailbox) => Path.Join(Root, PlaceOf(mailbox).Folder);

    /// <summary>The user whose mailbox it is, as the terminals know them: the local part, subaddress taken off. Null where nobody has that mailbox.</summary>
    public string? UserOf(Mailbox mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        if (mailbox.IsBarePostmaster && Postmaster is not null)
            mailbox = Postmaster;
        return People?.Find(mailbox) is { } entry ? entry.User is null ? null : entry.Name.Mailbox.LocalPart
            : People is null or { TakesAnybody: true } ? mailbox.LocalPart
            : null;
    }

    /// <summary>Where mail for a mailbox goes, or why it does not.</summary>
    internal MailboxPlace PlaceOf(Mailbox mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        if (mailbox.IsBarePostmaster && Postmaster is not null)
            mailbox = Postmaster;
        return People is null ? new MailboxPlace(MailboxFolder.Of(mailbox)) : MailboxPlace.In(People, mailbox);
    }
}
