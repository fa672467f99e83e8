namespace Postrider.Transport.Listening;

/// <summary>Why a session ended.</summary>
public enum SessionEndReason
{
    /// <summary>The session closed it: QUIT, a refusal, too many mistakes.</summary>
    Closed,

    /// <summary>The roles changed by TURN or ATRN, and what followed has ended.</summary>
    Turned,

    /// <summary>The peer closed the connection.</summary>
    PeerClosed,

    /// <summary>The connection broke.</summary>
    Broken,

    /// <summary>The peer was silent too long, too slow, or did not take its replies.</summary>
    TimedOut,

    /// <summary>The TLS handshake failed; the observer has been told why.</summary>
    TlsFailed,

    /// <summary>The server went down.</summary>
    ServerStopped,

    /// <summary>An error of the program; the observer has been told of it.</summary>
    Faulted,
}

/// <summary>How a session ended, and what went through it.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="MessagesAccepted">Messages that were accepted.</param>
/// <param name="OctetsReceived">Octets read from the peer.</param>
/// <param name="OctetsSent">Octets written to the peer.</param>
public readonly record struct SessionEnd(SessionEndReason Reason, int MessagesAccepted, long OctetsReceived, long OctetsSent);
