using System.Net;
using System.Net.Sockets;

namespace Postrider.Transport.Sockets;

/// <summary>
/// A TCP connection. It stands on NetworkStream for two things: errors come as IOException without a
/// state machine of our own around each call, and a read can be cancelled with the connection left whole.
/// </summary>
internal sealed class SocketTransport : ITransport
{
    // What is thrown away of unread input at the end, so that the close is no reset (RFC 1122 §4.2.2.13).
    private const int DrainLimit = 64 * 1024;

    private readonly Socket socket;
    private readonly NetworkStream stream;
    private EndPoint? localEndPoint;
    private int closed;

    public SocketTransport(Socket socket, EndPoint? localEndPoint)
    {
        this.socket = socket;
        this.localEndPoint = localEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        stream = new NetworkStream(socket, ownsSocket: false);
        // It owns nothing to finalize, and a server makes many.
        GC.SuppressFinalize(stream);
    }

    public EndPoint? LocalEndPoint => localEndPoint ??= AskLocalEndPoint();

    public EndPoint? RemoteEndPoint { get; }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        stream.ReadAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default) =>
        stream.WriteAsync(octets, cancellationToken);

    public void Abort()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return;
        try
        {
            // A reset rather than a close: nothing lingers of a connection that we gave up.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (SocketException)
        {
            // It is broken already.
        }
        socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return ValueTask.CompletedTask;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            Drain();
        }
        catch (SocketException)
        {
            // The peer has gone first.
        }
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    // Unread input at the close would make it a reset, and a reset may cost the peer our last reply.
    private void Drain()
    {
        Span<byte> nowhere = stackalloc byte[2048];
        for (var drained = 0; drained < DrainLimit && socket.Available > 0;)
        {
            var count = socket.Receive(nowhere, SocketFlags.None, out var error);
            if (count <= 0 || error != SocketError.Success)
                return;
            drained += count;
        }
    }

    private EndPoint? AskLocalEndPoint()
    {
        try
        {
            return socket.LocalEndPoint;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
