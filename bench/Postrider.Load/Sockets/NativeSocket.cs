using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;

namespace Postrider.Load.Sockets;

/// <summary>A socket that never blocks, as a bare descriptor. IPv4 only: it serves on loopback.</summary>
internal readonly unsafe struct NativeSocket
{
    /// <summary>What a read or a write gives when it would have to wait.</summary>
    public const int WouldBlock = -1;

    /// <summary>What a read or a write gives when the connection is broken.</summary>
    public const int Broken = -2;

    private const int AddressLength = 16;

    private NativeSocket(int descriptor) => Descriptor = descriptor;

    public int Descriptor { get; }

    /// <summary>Begins to connect; it is writable once that has been decided, and <see cref="Error"/> says how.</summary>
    /// <param name="source">The address to come from, or null.</param>
    /// <param name="target">Where to.</param>
    /// <returns>The socket, or the error number, negative.</returns>
    public static (NativeSocket Socket, int Error) Connect(IPAddress? source, IPEndPoint target)
    {
        var socket = Create();
        var address = stackalloc byte[AddressLength];
        if (source is not null)
        {
            Write(new IPEndPoint(source, 0), address);
            if (LibC.Bind(socket.Descriptor, address, AddressLength) < 0)
                return socket.Fail();
        }
        Write(target, address);
        if (LibC.Connect(socket.Descriptor, address, AddressLength) < 0 && Marshal.GetLastPInvokeError() != LibC.EInProgress)
            return socket.Fail();
        return (socket, 0);
    }

    /// <summary>Listens at an address; port 0 takes a free one.</summary>
    public static NativeSocket Listen(IPEndPoint endPoint)
    {
        var socket = Create();
        var on = 1;
        var address = stackalloc byte[AddressLength];
        Write(endPoint, address);
        if (LibC.SetOption(socket.Descriptor, LibC.SolSocket, LibC.SoReuseAddress, &on, sizeof(int)) < 0
            || LibC.Bind(socket.Descriptor, address, AddressLength) < 0
            || LibC.Listen(socket.Descriptor, 4096) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot listen on {endPoint}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        return socket;
    }

    public int LocalPort
    {
        get
        {
            var address = stackalloc byte[AddressLength];
            var length = AddressLength;
            if (LibC.LocalName(Descriptor, address, &length) < 0)
                throw new Win32Exception();
            return BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(address + 2, 2));
        }
    }

    /// <summary>The error of a connection that has been decided; 0 when it stands.</summary>
    public int Error
    {
        get
        {
            int value = 0, length = sizeof(int);
            return LibC.GetOption(Descriptor, LibC.SolSocket, LibC.SoError, &value, &length) < 0 ? Marshal.GetLastPInvokeError() : value;
        }
    }

    /// <summary>Takes a waiting connection, or gives false.</summary>
    public bool TryAccept(out NativeSocket socket)
    {
        var descriptor = LibC.Accept(Descriptor, null, null, LibC.SockNonBlocking | LibC.SockCloseOnExec);
        socket = new NativeSocket(descriptor);
        if (descriptor >= 0)
            socket.SendAtOnce();
        return descriptor >= 0;
    }

    /// <summary>Reads what is there: its length, 0 at the end, <see cref="WouldBlock"/> or <see cref="Broken"/>.</summary>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return Result(LibC.Receive(Descriptor, start, buffer.Length, 0));
    }

    /// <summary>Writes two pieces with one call, as far as they go.</summary>
    public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        fixed (byte* start = first, next = second)
        {
            var segments = stackalloc LibC.Segment[2];
            segments[0] = new LibC.Segment { Start = start, Length = first.Length };
            segments[1] = new LibC.Segment { Start = next, Length = second.Length };
            var message = new LibC.MessageHeader { Segments = segments, SegmentCount = second.IsEmpty ? 1 : 2 };
            return Result(LibC.SendMessage(Descriptor, &message, LibC.MsgNoSignal));
        }
    }

    public void Close() => _ = LibC.Close(Descriptor);

    private static int Result(nint result) => result >= 0 ? (int)result : Marshal.GetLastPInvokeError() is LibC.EAgain or LibC.EInterrupted ? WouldBlock : Broken;

    private static NativeSocket Create()
    {
        var descriptor = LibC.Socket(LibC.AfInet, LibC.SockStream | LibC.SockNonBlocking | LibC.SockCloseOnExec, 0);
        if (descriptor < 0)
            throw new Win32Exception();
        var socket = new NativeSocket(descriptor);
        socket.SendAtOnce();
        return socket;
    }

    private static void Write(IPEndPoint endPoint, byte* address)
    {
        var bytes = new Span<byte>(address, AddressLength);
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, LibC.AfInet);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)endPoint.Port);
        if (!endPoint.Address.TryWriteBytes(bytes[4..8], out var length) || length != 4)
            throw new ArgumentException($"{endPoint} is not an IPv4 address.", nameof(endPoint));
    }

    private (NativeSocket Socket, int Error) Fail()
    {
        var error = Marshal.GetLastPInvokeError();
        Close();
        return (default, error);
    }

    private void SendAtOnce()
    {
        var on = 1;
        _ = LibC.SetOption(Descriptor, LibC.IpProtoTcp, LibC.TcpNoDelay, &on, sizeof(int));
    }
}
