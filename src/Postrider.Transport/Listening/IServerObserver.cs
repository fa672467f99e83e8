using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Tls;

namespace Postrider.Transport.Listening;

/// <summary>
/// Is told what becomes of connections. It is called on the sessions' own threads, several at once,
/// and must neither throw nor block.
/// </summary>
public interface IServerObserver
{
    /// <summary>A peer has connected and gets a session.</summary>
    void Connected(SessionFacts facts);

    /// <summary>A peer was given no session.</summary>
    /// <param name="facts">The peer.</param>
    /// <param name="reply">What it was told.</param>
    void TurnedAway(SessionFacts facts, Reply reply);

    /// <summary>A limit was reached, or a message broke a rule: the session has refused it, or ends.</summary>
    /// <param name="facts">The peer.</param>
    /// <param name="reply">What it was told.</param>
    void Refused(SessionFacts facts, Reply reply);

    /// <summary>A proxy's connection was closed for want of a right PROXY header.</summary>
    /// <param name="proxy">The proxy.</param>
    /// <param name="problem">What was wrong.</param>
    void ProxyRefused(SessionFacts proxy, string problem);

    /// <summary>A TLS handshake failed, and the session ends.</summary>
    void TlsFailed(SessionFacts facts, TlsFailure failure);

    /// <summary>A handler threw. What it was asked has been answered with a transient failure.</summary>
    /// <param name="facts">The peer.</param>
    /// <param name="exception">What it threw.</param>
    void HandlerFailed(SessionFacts facts, Exception exception);

    /// <summary>A session was cut off by an error of the program.</summary>
    /// <param name="facts">The peer.</param>
    /// <param name="exception">The error.</param>
    void Faulted(SessionFacts facts, Exception exception);

    /// <summary>A session has ended, all that belonged to it disposed of.</summary>
    void Ended(SessionFacts facts, SessionEnd end);
}
