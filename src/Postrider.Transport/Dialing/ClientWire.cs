using System.Net;
using System.Runtime.CompilerServices;
using Postrider.Smtp.Client;

namespace Postrider.Transport.Dialing;

/// <summary>
/// The octets of a client's connection: what has been read and not used, writes that never wait for a
/// server that waits for us, and the time limit of each wait. What goes wrong ends the session.
/// </summary>
internal sealed class ClientWire : IAsyncDisposable
{
    private const int InputLength = 2_048;

    // What is read while a write waits; a server that says more waits too.
    private const int MaxUnread = 65_536;

    private readonly ClientSession session;
    private readonly ClientTimeouts timeouts;
    private readonly DialogueLines? dialogue;
    private readonly Countdown countdown;
    private byte[] input = new byte[InputLength];
    private int inputStart;
    private int inputEnd;
    private ValueTask<int> reading;
    private bool isReading;
    private bool hasInputEnded;
    private volatile bool isCancelled;
    // Replaced by the handshake; the timer aborts whichever there is.
    private volatile ITransport transport;
    private int closed;

    public ClientWire(ITransport transport, ClientSession session, ClientTimeouts timeouts, TimeProvider time, DialogueLines? dialogue)
    {
        this.transport = transport;
        this.session = session;
        this.timeouts = timeouts;
        this.dialogue = dialogue;
        countdown = new Countdown(time, () => this.transport.Abort());
    }

    public EndPoint? RemoteEndPoint => transport.RemoteEndPoint;

    /// <summary>What has come and has not been used.</summary>
    public ReadOnlySpan<byte> Unread => input.AsSpan(inputStart, inputEnd - inputStart);

    /// <summary>Whether our side has given up.</summary>
    public bool IsCancelled => isCancelled;

    /// <summary>Whether something came, or the connection ended, that nobody has looked at.</summary>
    public bool HasNews => isReading && reading.IsCompleted;

    public void Consume(int count) => inputStart += count;

    /// <summary>Nothing is waited for.</summary>
    public void Rest() => countdown.Stop();

    /// <summary>From here on, news are noticed without anybody waiting for them.</summary>
    public void Watch()
    {
        if (!hasInputEnded)
            TryStartReading();
    }

    public void Cancel()
    {
        isCancelled = true;
        transport.Abort();
    }

    public void Abort() => transport.Abort();

    /// <summary>Gives the connection away; null where it is cut off, or read from at this moment, so that nobody can have it.</summary>
    public ITransport? Release()
    {
        if (isReading || isCancelled || Interlocked.Exchange(ref closed, 1) != 0)
            return null;
        countdown.Dispose();
        return transport;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return;
        countdown.Dispose();
        await transport.DisposeAsync();
        if (isReading)
            _ = ForgetReadAsync(reading);
    }

    /// <summary>Writes; reads meanwhile where the write has to wait, so that two full pipes never wait for each other.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets)
    {
        countdown.Start(timeouts.DataBlock);
        try
        {
            var writing = transport.WriteAsync(octets);
            if (writing.IsCompleted)
                await writing;
            else
                await ReadWhileWritingAsync(writing.AsTask());
        }
        catch (Exception e) when (IsBroken(e))
        {
            // A server that closes mostly says why first.
            if (countdown.HasExpired || isCancelled || (inputStart == inputEnd && !await TryReceiveAsync()))
                Abandon(e);
        }
    }

    /// <summary>Waits for more input.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReceiveAsync(ClientDeadline deadline)
    {
        countdown.Start(timeouts.For(deadline));
        try
        {
            if (!hasInputEnded)
            {
                StartReading();
                TakeRead(await reading);
            }
            if (hasInputEnded)
                Abandon(null);
        }
        catch (Exception e) when (IsBroken(e))
        {
            isReading = false;
            Abandon(e);
        }
    }

    /// <summary>Brings the connection under TLS, and tells the session how that went.</summary>
    public async ValueTask BeginTlsAsync(DialTls tls)
    {
        // A read under way would take octets of the handshake: the server answered STARTTLS before it had come whole.
        if (isReading || inputStart != inputEnd)
        {
            session.Abandon(EndingKind.HandshakeFailed, "the server spoke too early");
            return;
        }
        countdown.Start(timeouts.Handshake);
        var handshake = await tls.Upgrade.ConnectAsync(transport, tls.Settings);
        if (handshake.IsEstablished)
        {
            transport = handshake.Transport;
            // The abort may have met the connection beneath just before.
            if (isCancelled || countdown.HasExpired)
                transport.Abort();
            dialogue?.BeganTls(handshake.Facts);
            session.TlsEstablished(handshake.Facts);
        }
        else if (isCancelled || countdown.HasExpired)
        {
            Abandon(null);
        }
        else
        {
            session.Abandon(EndingKind.HandshakeFailed, handshake.Failure.Reason);
        }
    }

    /// <summary>Ends the session for what happened to the connection.</summary>
    public void Abandon(Exception? problem)
    {
        var kind = isCancelled ? EndingKind.Cancelled : countdown.HasExpired ? EndingKind.TimedOut : EndingKind.Lost;
        session.Abandon(kind, kind == EndingKind.Lost ? problem?.Message : null);
    }

    private async ValueTask ReadWhileWritingAsync(Task writing)
    {
        while (!writing.IsCompleted && !hasInputEnded && inputEnd - inputStart < MaxUnread && TryStartReading())
        {
            var read = reading.AsTask();
            reading = new ValueTask<int>(read);
            await Task.WhenAny(writing, read);
            if (read.IsCompletedSuccessfully)
                TakeRead(await read);
            else if (read.IsCompleted)
                break;
        }
        await writing;
    }

    // After a failed write: whether there is something to read.
    private async ValueTask<bool> TryReceiveAsync()
    {
        try
        {
            if (!hasInputEnded)
            {
                StartReading();
                TakeRead(await reading);
            }
        }
        catch (Exception e) when (IsBroken(e))
        {
            isReading = false;
            return false;
        }
        return !hasInputEnded;
    }

    private bool TryStartReading()
    {
        try
        {
            StartReading();
            return true;
        }
        catch (Exception e) when (IsBroken(e))
        {
            return false;
        }
    }

    private void StartReading()
    {
        if (isReading)
            return;
        if (inputStart == inputEnd)
            inputStart = inputEnd = 0;
        else if (inputEnd == input.Length)
            Array.Resize(ref input, input.Length * 2);
#pragma warning disable CA2012 // It is awaited once, in TakeRead's callers; a Task for each read would be the alternative.
        reading = transport.ReadAsync(input.AsMemory(inputEnd));
#pragma warning restore CA2012
        isReading = true;
    }

    private void TakeRead(int count)
    {
        isReading = false;
        dialogue?.Received(input.AsSpan(inputEnd, count));
        inputEnd += count;
        hasInputEnded = count == 0;
    }

    private static async Task ForgetReadAsync(ValueTask<int> reading)
    {
        try
        {
            await reading;
        }
        catch (Exception e) when (IsBroken(e))
        {
            // It was waiting on a connection that is closed now.
        }
    }

    private static bool IsBroken(Exception e) => e is IOException or ObjectDisposedException;
}
