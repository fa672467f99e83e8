namespace Postrider.Delivery.People;

/// <summary>How much a mailbox may hold; default(MailboxQuota) is no limit.</summary>
/// <param name="Octets">Octets of all messages, or 0 for no limit.</param>
/// <param name="Messages">Messages, or 0 for no limit.</param>
/// <param name="IsFinal">Whether mail beyond it is returned at once (552 5.2.2) instead of tried again (452 4.2.2).</param>
public readonly record struct MailboxQuota(long Octets, int Messages, bool IsFinal = false)
{
    /// <summary>Whether there is any limit.</summary>
    public bool IsLimited => Octets > 0 || Messages > 0;

    /// <summary>Whether so much fits.</summary>
    public bool Holds(long octets, int messages) => (Octets == 0 || octets <= Octets) && (Messages == 0 || messages <= Messages);
}
