using System.Net;
using Postrider.Transport;
using Postrider.Transport.Sockets;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Tls;

/// <summary>Two ends of a connection of this machine, and a handshake between them.</summary>
internal static class TlsPair
{
    private static readonly SystemTls tls = new();

    public static async Task<(ITransport Client, ITransport Server)> ConnectAsync(INetwork? network = null)
    {
        network ??= new SocketNetwork();
        await using var listener = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var accepting = listener.AcceptAsync();
        var client = await network.ConnectAsync(listener.EndPoint);
        return (client, (await accepting)!);
    }

    public static async Task<(TlsHandshake Client, TlsHandshake Server)> ShakeAsync(
        TlsServerSettings server, TlsClientSettings client, INetwork? network = null)
    {
        var (near, far) = await ConnectAsync(network);
        var accepting = tls.AcceptAsync(far, server).AsTask();
        var connecting = tls.ConnectAsync(near, client).AsTask();
        return (await connecting, await accepting);
    }

    public static async Task<string> ReadAsync(ITransport transport, int length)
    {
        var buffer = new byte[length];
        var count = 0;
        while (count < length && await transport.ReadAsync(buffer.AsMemory(count)) is var read and > 0)
            count += read;
        return System.Text.Encoding.ASCII.GetString(buffer, 0, count);
    }

    public static async ValueTask CloseAsync(TlsHandshake client, TlsHandshake server)
    {
        await client.Transport!.DisposeAsync();
        await server.Transport!.DisposeAsync();
    }
}
