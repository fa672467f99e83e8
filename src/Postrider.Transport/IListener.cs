using System.Net;

namespace Postrider.Transport;

/// <summary>An address that takes connections.</summary>
public interface IListener : IAsyncDisposable
{
    /// <summary>Where it listens, with the port that it got.</summary>
    IPEndPoint EndPoint { get; }

    /// <summary>Waits for the next connection; null once the listener has been closed.</summary>
    /// <remarks>Out of descriptors, it waits until there are some again rather than fail.</remarks>
    ValueTask<ITransport?> AcceptAsync(CancellationToken cancellationToken = default);
}
