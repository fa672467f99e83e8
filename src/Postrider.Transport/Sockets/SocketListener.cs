using System.Net;
using System.Net.Sockets;

namespace Postrider.Transport.Sockets;

/// <summary>
/// A listening TCP socket. Nothing that one peer does, and no lack of descriptors or memory, ends it:
/// it passes over connections that broke before they were taken, and waits where the system has
/// nothing to take them with; they stay in the backlog meanwhile.
/// </summary>
internal sealed class SocketListener : IListener
{
    // Long enough not to burn a processor, short enough that a peer in the backlog hardly notices.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket socket;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource closing = new();
    private readonly IPEndPoint? localEndPoint;
    private bool closed;

    public SocketListener(Socket socket, TimeProvider time)
    {
        this.socket = socket;
        this.time = time;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        // A listener of one address knows the local address of its connections, which saves asking for each.
        localEndPoint = EndPoint.Address.Equals(IPAddress.Any) || EndPoint.Address.Equals(IPAddress.IPv6Any) ? null : EndPoint;
    }

    public IPEndPoint EndPoint { get; }

    public async ValueTask<ITransport?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            SocketError error;
            try
            {
                var accepted = await socket.AcceptAsync(cancellationToken);
                if (MakeTransport(accepted) is { } transport)
                    return transport;
                continue;
            }
            catch (SocketException e)
            {
                error = e.SocketErrorCode;
            }
            catch (ObjectDisposedException)
            {
                return null;
            }

            if (Volatile.Read(ref closed))
                return null;
            if (!IsOfThePeer(error) && !await PauseAsync(cancellationToken))
                return null;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref closed, true))
        {
            socket.Dispose();
            closing.Cancel();
        }
        return ValueTask.CompletedTask;
    }

    // accept(2): these are errors of the connection that was to be taken, which is gone.
    internal static bool IsOfThePeer(SocketError error) => error is
        SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.ProtocolNotSupported
        or SocketError.ProtocolType or SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostDown
        or SocketError.HostUnreachable or SocketError.OperationNotSupported or SocketError.TimedOut or SocketError.Interrupted;

    private SocketTransport? MakeTransport(Socket accepted)
    {
        try
        {
            accepted.NoDelay = true;
            return new SocketTransport(accepted, localEndPoint);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // It broke between the accept and here.
            accepted.Dispose();
            return null;
        }
    }

    private async ValueTask<bool> PauseAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, cancellationToken);
        try
        {
            await Task.Delay(Pause, time, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
