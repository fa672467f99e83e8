using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Postrider.Resolver.Wire;

namespace Postrider.Resolver.Servers;

/// <summary>
/// The system's sockets. Each question by UDP has a socket of its own, connected to the server: the system chooses its port at random
/// and drops what others send to it (RFC 5452 §9).
/// </summary>
public sealed class SocketExchange : IDnsExchange
{
    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(
        IPEndPoint server, ReadOnlyMemory<byte> query, bool overTcp, Func<ReadOnlyMemory<byte>, bool> isAnswer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(isAnswer);
        try
        {
            using var socket = overTcp
                ? new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(server, cancellationToken);
            return overTcp
                ? await AskByTcpAsync(socket, query, isAnswer, cancellationToken)
                : await AskByUdpAsync(socket, query, isAnswer, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException($"{server}: {e.Message}", e);
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> AskByUdpAsync(Socket socket, ReadOnlyMemory<byte> query, Func<ReadOnlyMemory<byte>, bool> isAnswer, CancellationToken cancellationToken)
    {
        await socket.SendAsync(query, cancellationToken);
        var buffer = new byte[DnsQuery.DatagramSize];
        while (true)
        {
            var message = buffer.AsMemory(0, await socket.ReceiveAsync(buffer, cancellationToken));
            if (isAnswer(message))
                return message;
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> AskByTcpAsync(Socket socket, ReadOnlyMemory<byte> query, Func<ReadOnlyMemory<byte>, bool> isAnswer, CancellationToken cancellationToken)
    {
        // RFC 1035 §4.2.2: two octets of length before each message.
        var framed = new byte[query.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Length);
        query.CopyTo(framed.AsMemory(2));
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        await stream.WriteAsync(framed, cancellationToken);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return isAnswer(message) ? message : throw new IOException("The server answered another question.");
    }
}
