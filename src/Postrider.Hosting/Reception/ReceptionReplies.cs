using Postrider.Queue.Spool;
using Postrider.Smtp.Replies;

namespace Postrider.Hosting.Reception;

/// <summary>Every reply of policy and storage; those of the protocol are in the session's own catalogue.</summary>
internal static class ReceptionReplies
{
    /// <summary>The recipient's domain is not ours, and the client may not relay.</summary>
    public static Reply RelayingDenied { get; } = new(550, new(5, 7, 1), "Relaying denied: the domain is not served here, and this client may not send elsewhere");

    /// <summary>The client may relay, but nothing is configured for the domain.</summary>
    public static Reply NoRoute { get; } = new(550, new(5, 4, 4), "No route: the domain is not served here, and no smarthost is configured");

    /// <summary>Too many Received fields (RFC 5321 §6.3).</summary>
    public static Reply MailLoop { get; } = new(554, new(5, 4, 6), "Mail loop: the message has too many Received fields");

    /// <summary>More Bcc fields than are taken out of a message (RFC 5322 §3.6: one at most).</summary>
    public static Reply TooManyBlindCopies { get; } = new(554, new(5, 6, 0), "The message has too many Bcc fields");

    /// <summary>More addresses without a domain than are given one.</summary>
    public static Reply TooManyBareAddresses { get; } = new(554, new(5, 6, 0), "The message has too many addresses without a domain");

    /// <summary>limits.connectionsPerAddress.</summary>
    public static Reply TooManyFromAddress { get; } = new(421, new(4, 7, 0), "Too many connections from your address, try again later");

    /// <summary>limits.connectionsPerNetwork.</summary>
    public static Reply TooManyFromNetwork { get; } = new(421, new(4, 7, 0), "Too many connections from your network, try again later");

    /// <summary>limits.connectionRate.</summary>
    public static Reply ConnectingTooFast { get; } = new(421, new(4, 7, 0), "Too many new connections from your address, try again later");

    /// <summary>limits.messageRate.</summary>
    public static Reply TooManyMessages { get; } = new(450, new(4, 7, 1), "Too many messages from your address, try again later");

    /// <summary>limits.recipientRate.</summary>
    public static Reply TooManyRecipients { get; } = new(450, new(4, 7, 1), "Too many recipients from your address, try again later");

    /// <summary>limits.accountMessageRate.</summary>
    public static Reply TooManyMessagesOfAccount { get; } = new(450, new(4, 7, 1), "Too many messages of your account, try again later");

    /// <summary>limits.accountRecipientRate.</summary>
    public static Reply TooManyRecipientsOfAccount { get; } = new(450, new(4, 7, 1), "Too many recipients of your account, try again later");

    /// <summary>Greylisting (RFC 6647 §5).</summary>
    public static Reply Greylisted { get; } = new(451, new(4, 7, 1), "Greylisted: not known here yet, try again in a few minutes");

    /// <summary>A block list names the client; what the log counts.</summary>
    public static Reply OnBlockList { get; } = new(554, new(5, 7, 1), "Your address is on a block list");

    /// <summary>The disk is full, or nearly so.</summary>
    public static Reply NoSpace { get; } = new(452, new(4, 3, 1), "Not enough storage, try again later");

    /// <summary>The disk failed.</summary>
    public static Reply StorageFailed { get; } = new(451, new(4, 3, 0), "The message could not be stored, try again later");

    /// <summary>On stable storage.</summary>
    public static Reply Queued(SpoolId message) => new(250, new(2, 0, 0), $"Queued as {message}");

    /// <summary>A block list names the client, for a reason that it gives or not.</summary>
    public static Reply BlockListed(string list, string reason) =>
        new(554, new(5, 7, 1), reason.Length == 0 ? $"Your address is on the block list {list}" : $"Your address is on the block list {list}: {reason}");

    /// <summary>The reply that a fault deserves, or null where there is none.</summary>
    public static Reply? For(SpoolFault fault) => fault switch
    {
        SpoolFault.None => null,
        SpoolFault.NoSpace => NoSpace,
        _ => StorageFailed,
    };
}
