using System.Net;
using System.Net.Sockets;

namespace Postrider.Transport.Sockets;

/// <summary>The system's TCP sockets, IPv4 and IPv6. Errors of the system leave it as <see cref="IOException"/>.</summary>
/// <param name="time">The clock by which a listener without descriptors waits; the system's when null.</param>
public sealed class SocketNetwork(TimeProvider? time = null) : INetwork
{
    // The kernel cuts it down to its own limit (net.core.somaxconn on Linux).
    private const int Backlog = 4096;

    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    /// <remarks>
    /// The limit of descriptors of the process on Linux (RLIMIT_NOFILE, which the runtime raises as far as it may),
    /// less a thirty-second part, 128 at least: the runtime ends a process that has none left to load code with.
    /// </remarks>
    public int ConnectionLimit { get; } = Descriptors.Limit is { } limit ? Math.Max(1, limit - Math.Max(128, limit / 32)) : int.MaxValue;

    /// <inheritdoc/>
    /// <remarks>An IPv6 address takes IPv6 only: <c>[::]</c> and <c>0.0.0.0</c> are two listeners of one port.</remarks>
    public IListener Listen(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Socket? socket = null;
        try
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new SocketListener(socket, time);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new IOException($"Cannot listen at {endPoint}: {WhyNotListen(e)}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITransport> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Socket? socket = null;
        try
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new SocketTransport(socket, localEndPoint: null);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new IOException($"Cannot connect to {endPoint}: {e.Message}", e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private static string WhyNotListen(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program, or another listener of this one, has the address.",
        SocketError.AccessDenied => "the system does not allow it; ports below 1024 need a privilege (CAP_NET_BIND_SERVICE on Linux).",
        SocketError.AddressNotAvailable => "no interface of this machine has the address.",
        SocketError.AddressFamilyNotSupported => "this machine does not speak that version of IP.",
        _ => e.Message,
    };
}
