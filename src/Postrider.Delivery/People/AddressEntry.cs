using System.Collections.Immutable;
using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.People;

/// <summary>One entry of an <see cref="AddressBook"/>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its address, with the name that VRFY gives.</param>
public sealed record AddressEntry(AddressKind Kind, NamedMailbox Name)
{
    /// <summary>The user: of <see cref="AddressKind.User"/> alone.</summary>
    public LocalUser? User { get; init; }

    /// <summary>Where its mail goes: an alias' targets, a list's members, a user's forwards, the address of somebody who moved.</summary>
    public ImmutableArray<NamedMailbox> LeadsTo { get; init; } = [];

    /// <summary>Whether a user who forwards keeps a copy.</summary>
    public bool KeepsCopy { get; init; }

    /// <summary>Who a list's failures go to; of <see cref="AddressKind.List"/> alone.</summary>
    public Mailbox? Owner { get; init; }

    /// <summary>Whether mail for somebody who moved is passed on (251) instead of refused (551).</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Whether mail for it goes to others, so that it is expanded before it is delivered.</summary>
    public bool IsExpanded => Kind switch
    {
        AddressKind.User => !LeadsTo.IsEmpty,
        AddressKind.Moved => IsForwarded,
        _ => true,
    };
}
