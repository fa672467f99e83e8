using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>Why a client session is over.</summary>
public enum EndingKind
{
    /// <summary>We said QUIT.</summary>
    Quit,

    /// <summary>The connection could not be made.</summary>
    Unreachable,

    /// <summary>The server refused us in its greeting or in its reply to EHLO and HELO.</summary>
    Refused,

    /// <summary>The server said 421, or gave up the content half way with a reply of its own.</summary>
    PeerEnded,

    /// <summary>The connection was closed or broke.</summary>
    Lost,

    /// <summary>A time limit passed.</summary>
    TimedOut,

    /// <summary>The server said something that is no SMTP, or that nothing had asked for.</summary>
    Violation,

    /// <summary>The TLS handshake failed.</summary>
    HandshakeFailed,

    /// <summary>The server does not offer the protection that we want, or is not who it should be.</summary>
    Unprotected,

    /// <summary>The server does not let us in as who we are.</summary>
    NotAuthenticated,

    /// <summary>Our side gave up.</summary>
    Cancelled,

    /// <summary>The roles have changed by TURN or ATRN, and the connection serves in the other direction.</summary>
    Turned,
}

/// <summary>Why a client session is over, in the terms of a result.</summary>
/// <param name="Kind">Why.</param>
/// <param name="ReplyCode">The code of the reply that ended it, or 0.</param>
/// <param name="Enhanced">The status code; 4.x.x unless the server refused for good.</param>
/// <param name="Text">What the server said, or what went wrong, in one line.</param>
public sealed record SessionEnding(EndingKind Kind, int ReplyCode, EnhancedStatusCode Enhanced, string Text)
{
    /// <summary>
    /// Whether the server takes no mail at all, so that there is nothing to wait for: 521 in the
    /// greeting or for EHLO (RFC 7504 §3). Other refusals at that stage concern us, not the message,
    /// and may pass.
    /// </summary>
    public bool IsPermanent => Kind == EndingKind.Refused && ReplyCode == 521;
}
