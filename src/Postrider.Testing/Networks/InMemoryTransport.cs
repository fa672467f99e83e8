using System.Net;
using Postrider.Transport;

namespace Postrider.Testing.Networks;

/// <summary>One end of a connection of an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryTransport(InMemoryPipe input, InMemoryPipe output, EndPoint local, EndPoint remote) : ITransport
{
    private int closed;

    public EndPoint? LocalEndPoint { get; } = local;

    public EndPoint? RemoteEndPoint { get; } = remote;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        input.ReadAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default) =>
        output.WriteAsync(octets, cancellationToken);

    public void Abort()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return;
        input.Break();
        output.Break();
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) == 0)
        {
            output.End();
            input.Leave();
        }
        return ValueTask.CompletedTask;
    }
}
