using Postrider.Smtp.Replies;

namespace Postrider.Queue.Outcomes;

/// <summary>What became of one recipient in one attempt.</summary>
public enum DeliveryResult : byte
{
    /// <summary>At its final place: a Maildir, a terminal, a program.</summary>
    Delivered = 1,

    /// <summary>Accepted by the next server, which answers for it now.</summary>
    Relayed = 2,

    /// <summary>Not now; it is tried again until it is too old.</summary>
    Deferred = 3,

    /// <summary>Never; the sender is told.</summary>
    Failed = 4,

    /// <summary>Others have taken its place: it was an alias, a list or a forward (RFC 5321 §3.9).</summary>
    Expanded = 5,
}

/// <summary>
/// What became of one recipient, whole: log, retry, delivery report, queue listing and metrics are
/// all made from this one value.
/// </summary>
/// <param name="Result">What became of it.</param>
/// <param name="Enhanced">The status code (RFC 3463), never none.</param>
/// <param name="Text">What the agent or the remote server said, in one line.</param>
/// <param name="ReplyCode">The code of the remote server's reply, or 0 where none spoke.</param>
/// <param name="RemoteHost">The server that spoke, as a name or <c>[address]</c>, or null.</param>
public sealed record DeliveryStatus(
    DeliveryResult Result,
    EnhancedStatusCode Enhanced,
    string Text,
    int ReplyCode = 0,
    string? RemoteHost = null)
{
    /// <summary>How the connection was protected that the server spoke on, in words; null where there was none, or nothing was said.</summary>
    public string? Protection { get; init; }

    /// <summary>Whether the next server reports to the sender what becomes of the message there (DSN, RFC 3461 §5.2.2).</summary>
    public bool IsReportedOn { get; init; }

    /// <summary>Whether the next server knows by when the message is to be delivered, and sees to it (RFC 2852).</summary>
    public bool KeepsDeadline { get; init; }
}
