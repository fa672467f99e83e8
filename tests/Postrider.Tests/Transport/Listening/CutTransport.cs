using System.Net;
using Postrider.Transport;

namespace Postrider.Tests.Transport.Listening;

/// <summary>A connection that ends in the midst of what is written to it.</summary>
internal abstract class CutTransport(ITransport inner) : ITransport
{
    public EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        var room = Pass(octets.Span);
        await inner.WriteAsync(octets[..room], cancellationToken);
        if (room == octets.Length)
            return;
        // An orderly end of the connection in the midst of a record.
        await inner.DisposeAsync();
        throw new IOException("Cut.");
    }

    public void Abort() => inner.Abort();

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>How many of these octets still go through; the connection ends behind them if that is not all.</summary>
    protected abstract int Pass(ReadOnlySpan<byte> octets);
}
