namespace Postrider.Smtp.Replies;

// What policy and storage say of senders, recipients and messages.
public static partial class ReplyCatalogue
{
    /// <summary>The message is on stable storage (RFC 5321 §6.1); open: the identifier by which queue and log know it.</summary>
    public static ReplyTemplate Queued { get; } = new(250, new(2, 0, 0), "Queued as {0}");

    /// <summary>The recipient's domain is not ours, and the client may not relay (RFC 5321 §3.6.2).</summary>
    public static Reply RelayingDenied { get; } = new(550, new(5, 7, 1), "Relaying denied: the domain is not served here, and this client may not send elsewhere");

    /// <summary>The client may relay, but nothing is configured for the domain.</summary>
    public static Reply NoRoute { get; } = new(550, new(5, 4, 4), "No route: the domain is not served here, and no smarthost takes its mail");

    /// <summary>The recipient's domain says in DNS that it takes no mail (RFC 7504 §4, RFC 7505 §4.1).</summary>
    public static Reply DomainTakesNoMail { get; } = new(556, new(5, 1, 10), "The domain of the recipient takes no mail: it has a null MX");

    /// <summary>The sender's domain says in DNS that it takes no mail: no answer and no report would reach it (RFC 7505 §4.2).</summary>
    public static Reply SenderTakesNoMail { get; } = new(550, new(5, 7, 27), "The domain of the sender takes no mail: it has a null MX");

    /// <summary>The account may not use this sender (RFC 6409 §6.1).</summary>
    public static Reply SenderNotAllowed { get; } = new(553, new(5, 7, 1), "This account may not send with this sender address");

    /// <summary>A recipient of a submission whose domain is one word that is not served here: it means something else elsewhere (RFC 6409 §4.2).</summary>
    public static Reply RecipientNotQualified { get; } = new(554, new(5, 1, 2), "The domain of the recipient is not fully qualified");

    /// <summary>A sender of a submission whose domain is one word that is not served here (RFC 6409 §4.2).</summary>
    public static Reply SenderNotQualified { get; } = new(554, new(5, 1, 8), "The domain of the sender is not fully qualified");

    /// <summary>Too many Received fields (RFC 5321 §6.3).</summary>
    public static Reply MailLoop { get; } = new(554, new(5, 4, 6), "Mail loop: the message has too many Received fields");

    /// <summary>More Bcc fields than are taken out of a message (RFC 5322 §3.6: one at most).</summary>
    public static Reply TooManyBlindCopies { get; } = new(554, new(5, 6, 0), "The message has too many Bcc fields");

    /// <summary>More addresses without a domain in its header fields than are completed in a submission (RFC 6409 §8.2).</summary>
    public static Reply TooManyBareAddresses { get; } = new(554, new(5, 6, 0), "The message has too many addresses without a domain");

    /// <summary>limits.messageRate.</summary>
    public static Reply MessagesTooFast { get; } = new(450, new(4, 7, 1), "Too many messages from your address, try again later");

    /// <summary>limits.recipientRate.</summary>
    public static Reply RecipientsTooFast { get; } = new(450, new(4, 7, 1), "Too many recipients from your address, try again later");

    /// <summary>limits.accountMessageRate.</summary>
    public static Reply AccountMessagesTooFast { get; } = new(450, new(4, 7, 1), "Too many messages of your account, try again later");

    /// <summary>limits.accountRecipientRate.</summary>
    public static Reply AccountRecipientsTooFast { get; } = new(450, new(4, 7, 1), "Too many recipients of your account, try again later");

    /// <summary>limits.loginFailures and limits.accountLoginFailures.</summary>
    public static Reply TooManyLoginFailures { get; } = new(454, new(4, 7, 0), "Too many failed logins, try again later");

    /// <summary>As many passwords as may wait are waiting to be checked.</summary>
    public static Reply TooManyLogins { get; } = new(454, new(4, 7, 0), "Too many logins at a time, try again later");

    /// <summary>Greylisting (RFC 6647 §5).</summary>
    public static Reply Greylisted { get; } = new(451, new(4, 7, 1), "Greylisted: not known here yet, try again in a few minutes");

    /// <summary>A block list names the client; open: the list, and its reason where it gives one.</summary>
    public static ReplyTemplate BlockListed { get; } = new(554, new(5, 7, 1), "Your address is on the block list {0}");

    /// <summary>The disk is full, or nearly so.</summary>
    public static Reply NoSpace { get; } = new(452, new(4, 3, 1), "Not enough storage, try again later");

    /// <summary>HOLDFOR or HOLDUNTIL, and there is room for mail that goes on, but not for mail that stays (RFC 5321 §4.2.2, RFC 4865).</summary>
    public static Reply NoRoomToKeep { get; } = new(455, new(4, 3, 1), "Not enough storage to keep a message until later: send it without HOLDFOR and HOLDUNTIL, or try again later");

    /// <summary>The disk failed.</summary>
    public static Reply StorageFailed { get; } = new(451, new(4, 3, 0), "The message could not be stored, try again later");
}
