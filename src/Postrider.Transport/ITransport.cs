using System.Net;

namespace Postrider.Transport;

/// <summary>A connection that carries octets both ways: a socket, a pair in memory, a Unix socket.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>The address of this side, or null.</summary>
    EndPoint? LocalEndPoint { get; }

    /// <summary>The address of the peer, or null.</summary>
    EndPoint? RemoteEndPoint { get; }

    /// <summary>
    /// Reads what is there, waiting until something is. With an empty buffer it waits for input and
    /// reads none of it, so that an idle connection holds no buffer.
    /// </summary>
    /// <returns>Octets read; 0 at the end of the input, or when the buffer was empty.</returns>
    /// <exception cref="IOException">The connection is broken or was aborted.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Sends all of it.</summary>
    /// <exception cref="IOException">The connection is broken or was aborted.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default);

    /// <summary>Breaks the connection at once, from any thread; a read or write under way ends with IOException.</summary>
    void Abort();
}
