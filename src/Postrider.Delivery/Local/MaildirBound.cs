namespace Postrider.Delivery.Local;

/// <summary>
/// What is kept at most in all mailboxes below a root together; the oldest messages go first. Only
/// files that this program delivered are counted and removed.
/// </summary>
/// <param name="Messages">Messages; 1 or more.</param>
/// <param name="Octets">Octets of their files; 1 or more. The newest message stays, however long it is.</param>
public sealed record MaildirBound(int Messages, long Octets);
