using System.Net;

namespace Postrider.Resolver.Servers;

/// <summary>Carries a question to a server and its answer back: by the system's sockets, or within a test.</summary>
public interface IDnsExchange
{
    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="server">The server.</param>
    /// <param name="query">The question, as it is on the wire.</param>
    /// <param name="overTcp">By TCP; else by UDP, from a port that nobody can foresee.</param>
    /// <param name="isAnswer">Whether a message is the answer; all others are passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer as it is on the wire.</returns>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    ValueTask<ReadOnlyMemory<byte>> AskAsync(IPEndPoint server, ReadOnlyMemory<byte> query, bool overTcp, Func<ReadOnlyMemory<byte>, bool> isAnswer, CancellationToken cancellationToken);
}
