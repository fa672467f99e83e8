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
    public static Reply MailLoop { get; } = new(554, new(5, 4, 6), "Mail loop: the message has more than 100 Received fields");

    /// <summary>The disk is full, or nearly so.</summary>
    public static Reply NoSpace { get; } = new(452, new(4, 3, 1), "Not enough storage, try again later");

    /// <summary>The disk failed.</summary>
    public static Reply StorageFailed { get; } = new(451, new(4, 3, 0), "The message could not be stored, try again later");

    /// <summary>On stable storage.</summary>
    public static Reply Queued(SpoolId message) => new(250, new(2, 0, 0), $"Queued as {message}");

    /// <summary>The reply that a fault deserves, or null where there is none.</summary>
    public static Reply? For(SpoolFault fault) => fault switch
    {
        SpoolFault.None => null,
        SpoolFault.NoSpace => NoSpace,
        _ => StorageFailed,
    };
}
