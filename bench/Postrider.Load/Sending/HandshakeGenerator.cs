using System.Diagnostics;
using System.Net;
using Postrider.Load.Sockets;

namespace Postrider.Load.Sending;

/// <summary>
/// Makes connections under TLS one after the other, a few at a time, and ends each after the first octets of a server that
/// speaks first. All on one thread.
/// </summary>
internal sealed class HandshakeGenerator(IPEndPoint target, TlsClient client, bool isGreeted) : IDisposable
{
    private readonly Poller poller = new();
    private readonly byte[] buffer = new byte[16 * 1024];
    private readonly Slot[] slots = [.. Enumerable.Range(0, 8).Select(static token => new Slot(token))];

    /// <summary>Handshakes that were done.</summary>
    public int Done { get; private set; }

    /// <summary>Those of them that resumed a session.</summary>
    public int Resumed { get; private set; }

    /// <summary>Connections that broke.</summary>
    public int Broken { get; private set; }

    public void RunFor(TimeSpan time)
    {
        var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < until)
        {
            foreach (var slot in slots)
            {
                if (!slot.IsOpen)
                    Connect(slot);
            }
            var ready = poller.Wait(5);
            for (var i = 0; i < ready; i++)
                Serve(slots[poller[i].Token]);
        }
        foreach (var slot in slots)
            Close(slot);
    }

    public void Dispose() => poller.Dispose();

    private void Connect(Slot slot)
    {
        var (socket, error) = NativeSocket.Connect(null, target);
        if (error != 0)
        {
            Broken++;
            return;
        }
        (slot.Socket, slot.IsOpen, slot.Tls, slot.IsUnderTls) = (socket, true, null, false);
        poller.Add(socket, slot.Token, LibC.EpollOut);
    }

    private void Serve(Slot slot)
    {
        if (slot.Tls is null)
        {
            if (slot.Socket.Error != 0)
            {
                Break(slot);
                return;
            }
            slot.Tls = client.Begin(slot.Socket);
            poller.Change(slot.Socket, slot.Token, LibC.EpollIn);
        }
        if (!slot.IsUnderTls)
        {
            var result = slot.Tls.Handshake();
            if (result == NativeSocket.WouldBlock)
                return;
            if (result <= 0)
            {
                Break(slot);
                return;
            }
            slot.IsUnderTls = true;
        }
        var length = isGreeted ? slot.Tls.Receive(buffer) : 0;
        if (length == NativeSocket.WouldBlock)
            return;
        if (length < 0)
        {
            Break(slot);
            return;
        }
        Done++;
        if (slot.Tls.IsResumed)
            Resumed++;
        client.Remember(slot.Tls);
        Close(slot);
    }

    private void Break(Slot slot)
    {
        Broken++;
        Close(slot);
    }

    private static void Close(Slot slot)
    {
        if (!slot.IsOpen)
            return;
        if (slot.IsUnderTls)
            slot.Tls!.End();
        else
            slot.Tls?.Drop();
        slot.Socket.Close();
        (slot.IsOpen, slot.Tls) = (false, null);
    }

    private sealed class Slot(int token)
    {
        public int Token => token;

        public NativeSocket Socket { get; set; }

        public TlsChannel? Tls { get; set; }

        public bool IsOpen { get; set; }

        public bool IsUnderTls { get; set; }
    }
}
