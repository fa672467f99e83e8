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
}
