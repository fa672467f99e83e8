using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Postrider.Load.Sockets;

/// <summary>Waits for many sockets at once, on one thread. Each is known by a number that its owner chose.</summary>
internal sealed unsafe class Poller : IDisposable
{
    private const int Batch = 512;

    // The kernel packs the entry on x64 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly int epoll = LibC.EpollCreate(LibC.SockCloseOnExec);
    private readonly byte[] entries = GC.AllocateUninitializedArray<byte>(Batch * Stride, pinned: true);

    public Poller()
    {
        if (epoll < 0)
            throw new Win32Exception();
    }

    public void Add(NativeSocket socket, int token, uint events) => Control(LibC.EpollAdd, socket, token, events);

    public void Change(NativeSocket socket, int token, uint events) => Control(LibC.EpollModify, socket, token, events);

    /// <summary>Waits for at least one socket.</summary>
    /// <returns>How many are ready; 0 when the time has passed.</returns>
    public int Wait(int milliseconds)
    {
        fixed (byte* first = entries)
        {
            var ready = LibC.EpollWait(epoll, first, Batch, milliseconds);
            return ready >= 0 || Marshal.GetLastPInvokeError() == LibC.EInterrupted ? Math.Max(ready, 0) : throw new Win32Exception();
        }
    }

    /// <summary>One of the sockets that the last wait found.</summary>
    public (int Token, uint Events) this[int index]
    {
        get
        {
            var entry = entries.AsSpan(index * Stride, Stride);
            return (BinaryPrimitives.ReadInt32LittleEndian(entry[(Stride - 8)..]), BinaryPrimitives.ReadUInt32LittleEndian(entry));
        }
    }

    public void Dispose() => _ = LibC.Close(epoll);

    private void Control(int operation, NativeSocket socket, int token, uint events)
    {
        Span<byte> entry = stackalloc byte[16];
        entry.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(entry, events);
        BinaryPrimitives.WriteInt32LittleEndian(entry[(Stride - 8)..], token);
        fixed (byte* start = entry)
        {
            if (LibC.EpollControl(epoll, operation, socket.Descriptor, start) < 0)
                throw new Win32Exception();
        }
    }
}
