using System.Net;

namespace Postrider.Transport;

/// <summary>Where connections come from: the system's sockets, or the network in memory of a test.</summary>
public interface INetwork
{
    /// <summary>How many connections it can hold without taking what the rest of the program needs.</summary>
    int ConnectionLimit => int.MaxValue;

    /// <summary>Listens at an address.</summary>
    /// <param name="endPoint">The address; port 0 takes a free one.</param>
    /// <exception cref="IOException">The address cannot be had; the message says which and why.</exception>
    IListener Listen(IPEndPoint endPoint);

    /// <summary>Connects to an address.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The connection is refused or cannot be made; the message says why.</exception>
    ValueTask<ITransport> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken = default);
}
