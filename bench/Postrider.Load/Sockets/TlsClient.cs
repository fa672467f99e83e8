namespace Postrider.Load.Sockets;

/// <summary>How connections of the generator come under TLS. Any certificate is taken.</summary>
internal sealed class TlsClient : IDisposable
{
    private readonly nint context;
    private nint session;

    /// <summary>Speaks one version, or both.</summary>
    /// <param name="version"><see cref="LibSsl.Tls12"/>, <see cref="LibSsl.Tls13"/>, or 0 for both.</param>
    public TlsClient(int version)
    {
        context = LibSsl.NewContext(LibSsl.ClientMethod());
        if (context == 0)
            throw new InvalidOperationException("OpenSSL gives no context.");
        LibSsl.Control(context, LibSsl.ControlMode, LibSsl.ModeEnablePartialWrite | LibSsl.ModeAcceptMovingBuffer | LibSsl.ModeReleaseBuffers, 0);
        LibSsl.Control(context, LibSsl.ControlMinimum, version == 0 ? LibSsl.Tls12 : version, 0);
        LibSsl.Control(context, LibSsl.ControlMaximum, version == 0 ? LibSsl.Tls13 : version, 0);
    }

    /// <summary>Whether a session is offered to be resumed.</summary>
    public bool Resumes { get; init; }

    /// <summary>A channel on a socket that is connected.</summary>
    public TlsChannel Begin(NativeSocket socket)
    {
        var ssl = LibSsl.New(context);
        if (ssl == 0 || LibSsl.SetDescriptor(ssl, socket.Descriptor) != 1 || (session != 0 && LibSsl.SetSession(ssl, session) != 1))
            throw new InvalidOperationException("OpenSSL gives no connection.");
        return new TlsChannel(ssl);
    }

    /// <summary>Offers the session of a channel from now on. Those of TLS 1.3 come behind the handshake and are offered once each.</summary>
    public void Remember(TlsChannel channel)
    {
        if (!Resumes)
            return;
        if (session != 0)
            LibSsl.FreeSession(session);
        session = channel.TakeSession();
    }

    public void Dispose()
    {
        if (session != 0)
            LibSsl.FreeSession(session);
        LibSsl.FreeContext(context);
    }
}

/// <summary>TLS over one socket that never blocks.</summary>
internal sealed unsafe class TlsChannel(nint ssl)
{
    /// <summary>Goes on with the handshake: 1 when it is done, <see cref="NativeSocket.WouldBlock"/> or <see cref="NativeSocket.Broken"/>.</summary>
    public int Handshake() => Result(LibSsl.Connect(ssl));

    /// <summary>Whether the handshake resumed a session.</summary>
    public bool IsResumed => LibSsl.IsResumed(ssl) != 0;

    /// <summary>Whether what it waits for is room to write.</summary>
    public bool WantsToWrite { get; private set; }

    public int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return Result(LibSsl.Read(ssl, start, buffer.Length));
    }

    public int Send(ReadOnlySpan<byte> octets)
    {
        fixed (byte* start = octets)
            return Result(LibSsl.Write(ssl, start, octets.Length));
    }

    public nint TakeSession() => LibSsl.TakeSession(ssl);

    /// <summary>Says that it ends, so that the session stays good, and frees it. The socket stays open.</summary>
    public void End()
    {
        LibSsl.ClearErrors();
        _ = LibSsl.Shutdown(ssl);
        LibSsl.Free(ssl);
    }

    /// <summary>Frees it without a word.</summary>
    public void Drop() => LibSsl.Free(ssl);

    private int Result(int result)
    {
        if (result > 0)
            return result;
        var error = LibSsl.GetError(ssl, result);
        LibSsl.ClearErrors();
        WantsToWrite = error == LibSsl.ErrorWantWrite;
        return error switch
        {
            LibSsl.ErrorWantRead or LibSsl.ErrorWantWrite => NativeSocket.WouldBlock,
            LibSsl.ErrorZeroReturn => 0,
            _ => NativeSocket.Broken,
        };
    }
}
