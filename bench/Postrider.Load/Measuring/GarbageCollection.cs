using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Postrider.Load.Measuring;

/// <summary>
/// Has a .NET process collect its garbage, so that its memory is what it holds and not what it has dropped: a session of its
/// diagnostic port with the keyword GCHeapCollect, which is what dotnet-gcdump does. Other processes are left alone.
/// </summary>
internal static class GarbageCollection
{
    private const ulong GCHeapCollect = 0x800000;

    public static async Task InduceAsync(int process, CancellationToken cancellationToken)
    {
        if (Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*-socket") is not [var path, ..])
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        await socket.SendAsync(Request(), cancellationToken);
        // The collection is over when the session has begun; closing the connection ends it.
        await socket.ReceiveAsync(new byte[28], SocketFlags.None, cancellationToken);
    }

    // CollectTracing2 of the diagnostic protocol.
    private static byte[] Request()
    {
        const string Provider = "Microsoft-Windows-DotNETRuntime\0";
        using var payload = new MemoryStream();
        Number(payload, 16);
        Number(payload, 1);
        payload.WriteByte(0);
        Number(payload, 1);
        Span<byte> keywords = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(keywords, GCHeapCollect);
        payload.Write(keywords);
        Number(payload, 4);
        Number(payload, (uint)Provider.Length);
        payload.Write(Encoding.Unicode.GetBytes(Provider));
        Number(payload, 0);

        using var request = new MemoryStream();
        request.Write("DOTNET_IPC_V1\0"u8);
        Span<byte> head = [0, 0, 2, 3, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)(20 + payload.Length));
        request.Write(head);
        request.Write(payload.ToArray());
        return request.ToArray();
    }

    private static void Number(MemoryStream payload, uint number)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(octets, number);
        payload.Write(octets);
    }
}
