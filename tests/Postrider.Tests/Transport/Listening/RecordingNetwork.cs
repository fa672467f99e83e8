using System.Net;
using System.Text;
using Postrider.Transport;

namespace Postrider.Tests.Transport.Listening;

/// <summary>Lists every write of the accepted connections, as the system would see it.</summary>
internal sealed class RecordingNetwork(INetwork inner) : INetwork
{
    public List<string> Writes { get; } = [];

    public IListener Listen(IPEndPoint endPoint) => new Listener(inner.Listen(endPoint), Writes);

    public ValueTask<ITransport> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken = default) =>
        inner.ConnectAsync(endPoint, cancellationToken);

    private sealed class Listener(IListener inner, List<string> writes) : IListener
    {
        public IPEndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ITransport?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await inner.AcceptAsync(cancellationToken) is { } transport ? new Transport(transport, writes) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Transport(ITransport inner, List<string> writes) : ITransport
    {
        public EndPoint? LocalEndPoint => inner.LocalEndPoint;

        public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
        {
            writes.Add(Encoding.ASCII.GetString(octets.Span));
            return inner.WriteAsync(octets, cancellationToken);
        }

        public void Abort() => inner.Abort();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
