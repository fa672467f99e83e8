namespace Postrider.Delivery.People;

/// <summary>What an address of this machine stands for.</summary>
public enum AddressKind
{
    /// <summary>A user with a mailbox.</summary>
    User,

    /// <summary>Other addresses; failures go to the sender (RFC 5321 §3.9.1).</summary>
    Alias,

    /// <summary>A mailing list: its members; failures go to its owner (RFC 5321 §3.9.2).</summary>
    List,

    /// <summary>Somebody who has another address now (RFC 5321 §3.4).</summary>
    Moved,
}
