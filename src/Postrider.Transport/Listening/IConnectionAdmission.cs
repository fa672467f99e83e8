using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Transport.Listening;

/// <summary>
/// Judges connections before they cost anything. It is called on the accepting threads, several at once, and must
/// neither throw nor block.
/// </summary>
public interface IConnectionAdmission
{
    /// <summary>A peer has connected.</summary>
    /// <param name="facts">The peer.</param>
    /// <param name="admitted">Disposed of when a connection that was let in has ended; may be null.</param>
    /// <returns>Null to let it in, or what it is told, code 421 or 554, before the connection is closed.</returns>
    Reply? Admit(SessionFacts facts, out IDisposable? admitted);

    /// <summary>
    /// How long a peer that was let in waits for its greeting, zero for not at all. One that speaks meanwhile is no
    /// client that reads what it is told (RFC 5321 §4.3.1), and is closed with 554. Not asked of those under TLS from the first octet.
    /// </summary>
    TimeSpan GreetingDelay(SessionFacts facts);
}
