using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Postrider.Transport.Tls;

/// <summary>
/// A connection under TLS. Whatever the peer does with records, alerts or its half of the connection
/// ends a call with IOException. A wait with an empty buffer holds no buffer of TLS either.
/// </summary>
internal sealed class TlsTransport(ITransport inner, SslStream stream) : ITransport
{
    private volatile bool isWriting;
    private volatile bool isAborted;
    private int closed;

    public EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (IsOfTls(e))
        {
            throw new IOException($"Unable to read under TLS: {e.Message}", e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        if (octets.IsEmpty)
            return;
        isWriting = true;
        try
        {
            await stream.WriteAsync(octets, cancellationToken);
            isWriting = false;
        }
        catch (Exception e) when (IsOfTls(e))
        {
            throw new IOException($"Unable to write under TLS: {e.Message}", e);
        }
    }

    public void Abort()
    {
        isAborted = true;
        inner.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return;
        // A record that is cut off cannot be followed by another.
        if (isWriting)
            inner.Abort();
        else if (!isAborted)
            await SayCloseAsync();
        await inner.DisposeAsync();
        await stream.DisposeAsync();
    }

    // RFC 8446 §6.1: close_notify says that nothing was cut off.
    private async ValueTask SayCloseAsync()
    {
        try
        {
            var saying = stream.ShutdownAsync();
            // A peer that has left no room for it has not read what came before either.
            if (!saying.IsCompleted)
                inner.Abort();
            await saying;
        }
        catch (Exception e) when (e is IOException || IsOfTls(e))
        {
            // The peer has gone first.
        }
    }

    // What SslStream throws of a peer's doing, besides IOException, and on a stream that was disposed of meanwhile.
    private static bool IsOfTls(Exception e) => e is AuthenticationException or CryptographicException or InvalidOperationException;
}
