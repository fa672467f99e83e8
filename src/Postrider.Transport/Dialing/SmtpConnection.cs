using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using Postrider.Smtp.Client;
using Postrider.Smtp.Content;
using Postrider.Smtp.Envelopes;

namespace Postrider.Transport.Dialing;

/// <summary>
/// A connection to an SMTP server, and the pump of its client session: owns the transport, the
/// buffers and the time limits. What goes wrong on it is a result, not an exception. For one caller at a time.
/// </summary>
public sealed class SmtpConnection : IAsyncDisposable
{
    private const int InputLength = 2_048;

    // What is read while a write waits; a server that says more waits too.
    private const int MaxUnread = 65_536;

    // A block of content, with room for stuffed dots: large ones cost few writes, small messages need one.
    private const int MaxBlockLength = 65_536;

    private readonly ITransport? transport;
    private readonly ClientSettings settings;
    private readonly ClientSession session;
    private readonly Countdown countdown;
    private readonly DialogueLines? dialogue;
    private readonly ArrayBufferWriter<byte> commands = new(512);
    private byte[] input = new byte[InputLength];
    private int inputStart;
    private int inputEnd;
    private ValueTask<int> reading;
    private bool isReading;
    private bool hasInputEnded;
    private volatile bool isCancelled;
    private int closed;

    private byte[]? block;
    private DotStuffer stuffer;
    private long contentSent;
    private long octetsSent;

    private SmtpConnection(ITransport? transport, ClientSettings settings, TimeProvider time, IDialogueObserver? observer)
    {
        this.transport = transport;
        this.settings = settings;
        session = new ClientSession(settings);
        countdown = new Countdown(time, () => this.transport?.Abort());
        dialogue = observer is null ? null : new DialogueLines(observer);
    }

    /// <summary>Why the connection is over; null while it can serve.</summary>
    public SessionEnding? Ending => session.Ending;

    /// <summary>What the server offers; null where it never got as far.</summary>
    public PeerCapabilities? Peer => session.Peer;

    /// <summary>The address of the server, or null.</summary>
    public EndPoint? RemoteEndPoint => transport?.RemoteEndPoint;

    /// <summary>Transactions so far.</summary>
    public int Transactions { get; private set; }

    /// <summary>Whether it can serve, as far as is known: a server that closes an idle connection, or speaks on it, is noticed.</summary>
    public bool IsUsable => session.Ending is null && !isCancelled && !(isReading && reading.IsCompleted);

    /// <summary>Connects and greets. A connection that could not be made, or was refused, has its <see cref="Ending"/>.</summary>
    /// <param name="network">Where connections come from.</param>
    /// <param name="endPoint">The server.</param>
    /// <param name="settings">How to speak to it.</param>
    /// <param name="time">The clock of its time limits.</param>
    /// <param name="observer">Sees what is said, or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<SmtpConnection> OpenAsync(
        INetwork network,
        IPEndPoint endPoint,
        ClientSettings settings,
        TimeProvider time,
        IDialogueObserver? observer = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);
        ITransport? made = null;
        var kind = EndingKind.Unreachable;
        string? problem = null;
        using (var patience = new CancellationTokenSource(settings.Timeouts.Connect, time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken))
        {
            try
            {
                made = await network.ConnectAsync(endPoint, both.Token);
            }
            catch (IOException e)
            {
                problem = e.Message;
            }
            catch (OperationCanceledException)
            {
                kind = cancellationToken.IsCancellationRequested ? EndingKind.Cancelled : EndingKind.Unreachable;
                problem = $"Cannot connect to {endPoint}: no answer in time";
            }
        }
        var connection = new SmtpConnection(made, settings, time, observer);
        if (made is null)
            connection.session.Abandon(kind, problem);
        await connection.RunAsync(content: null, cancellationToken);
        if (connection.Ending is not null)
            await connection.CloseAsync();
        return connection;
    }

    /// <summary>Sends a message. On a connection that is over, or ends on the way, the recipients' results say so.</summary>
    /// <param name="envelope">Sender and recipients; one at least.</param>
    /// <param name="content">The content; read only once somebody is accepted.</param>
    /// <param name="cancellationToken">Gives up, and breaks the connection.</param>
    /// <remarks>What <paramref name="content"/> throws is passed on, after the connection has been broken before the message's end.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TransactionResult> SendAsync(Envelope envelope, IContentSource content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(content);
        // Something may have come while it was idle.
        if (isReading && reading.IsCompleted)
        {
            await ReceiveAsync(ClientDeadline.Mail);
            await RunAsync(content: null, cancellationToken);
        }
        try
        {
            var hasEightBit = envelope.Body == BodyType.EightBitMime && await MayHaveEightBitAsync(content, cancellationToken);
            stuffer = default;
            contentSent = octetsSent = 0;
            session.Begin(new ClientTransaction(envelope, content.Length, hasEightBit, settings));
            Transactions++;
            await RunAsync(content, cancellationToken);
            var result = session.Result!;
            if (session.Ending is not null)
                await CloseAsync();
            return result;
        }
        catch
        {
            // The message has not been sent to its end and must not seem so.
            transport?.Abort();
            session.Abandon(EndingKind.Cancelled);
            throw;
        }
        finally
        {
            if (block is not null)
                ArrayPool<byte>.Shared.Return(block);
            block = null;
        }
    }

    /// <summary>From here on, notices if the server closes the connection or speaks on it, until the next transaction.</summary>
    public void Rest()
    {
        if (session.Ending is null && !hasInputEnded)
            TryStartReading();
    }

    /// <summary>Says QUIT, waits a moment for the reply, and closes.</summary>
    public async ValueTask QuitAsync(CancellationToken cancellationToken = default)
    {
        if (session.Ending is null)
        {
            session.Quit();
            await RunAsync(content: null, cancellationToken);
        }
        await CloseAsync();
    }

    /// <summary>Closes without QUIT.</summary>
    public ValueTask DisposeAsync() => CloseAsync();

    private async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0)
            return;
        countdown.Dispose();
        session.Abandon(EndingKind.Cancelled);
        if (transport is null)
            return;
        await transport.DisposeAsync();
        if (isReading)
            _ = ForgetReadAsync(reading);
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

    // Drives the session until its owner has to do something.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ClientStepKind> RunAsync(IContentSource? content, CancellationToken cancellationToken)
    {
        await using var cancellation = cancellationToken.UnsafeRegister(static state => ((SmtpConnection)state!).Cancel(), this);
        while (true)
        {
            var step = session.Advance(input.AsSpan(inputStart, inputEnd - inputStart), commands);
            inputStart += step.Consumed;
            if (commands.WrittenCount > 0)
                await SendCommandsAsync();
            switch (step.Kind)
            {
                case ClientStepKind.NeedInput:
                    await ReceiveAsync(step.Deadline);
                    break;
                case ClientStepKind.SendBody:
                    await SendBlockAsync(content!, cancellationToken);
                    break;
                default:
                    countdown.Stop();
                    return step.Kind;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendCommandsAsync()
    {
        dialogue?.Sent(commands.WrittenSpan);
        await WriteAsync(commands.WrittenMemory);
        commands.ResetWrittenCount();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendBlockAsync(IContentSource content, CancellationToken cancellationToken)
    {
        if (block is null)
        {
            var whole = DotStuffer.MaxLength((int)Math.Min(content.Length, MaxBlockLength)) + DotStuffer.MaxEndLength;
            block = ArrayPool<byte>.Shared.Rent(Math.Min(whole, MaxBlockLength));
            content.Rewind();
        }
        var room = (block.Length - DotStuffer.MaxEndLength - 1) / 4 * 3;
        var wanted = (int)Math.Min(room, content.Length - contentSent);
        var length = 0;
        try
        {
            while (length < wanted && await content.ReadAsync(block.AsMemory(length, wanted - length), cancellationToken) is var count and > 0)
                length += count;
        }
        catch (OperationCanceledException) when (isCancelled)
        {
            session.Abandon(EndingKind.Cancelled);
            return;
        }
        if (length < wanted)
            throw new InvalidDataException($"The content ended after {contentSent + length} of {content.Length} octets.");
        contentSent += length;
        length = stuffer.Stuff(block, length);
        var isLast = contentSent == content.Length;
        if (isLast)
            length += stuffer.WriteEnd(block.AsSpan(length));
        octetsSent += length;
        // Before the write: from its first octet on nobody can say what the server got.
        if (isLast)
            session.BodySent();
        await WriteAsync(block.AsMemory(0, length));
        if (isLast)
            dialogue?.SentContent(octetsSent);
    }

    // Writes; reads meanwhile where the write has to wait, so that two full pipes never wait for each other.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> octets)
    {
        countdown.Start(settings.Timeouts.DataBlock);
        try
        {
            var writing = transport!.WriteAsync(octets);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReceiveAsync(ClientDeadline deadline)
    {
        countdown.Start(settings.Timeouts.For(deadline));
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
        reading = transport!.ReadAsync(input.AsMemory(inputEnd));
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

    private void Abandon(Exception? problem)
    {
        var kind = isCancelled ? EndingKind.Cancelled : countdown.HasExpired ? EndingKind.TimedOut : EndingKind.Lost;
        session.Abandon(kind, kind == EndingKind.Lost ? problem?.Message : null);
    }

    private void Cancel()
    {
        isCancelled = true;
        transport?.Abort();
    }

    private static bool IsBroken(Exception e) => e is IOException or ObjectDisposedException;

    // Declared 8-bit content is looked through only where it decides whether the message can be sent.
    private async ValueTask<bool> MayHaveEightBitAsync(IContentSource content, CancellationToken cancellationToken)
    {
        if (settings.SendEightBitAnyway || Peer is null || Peer.Offers("8BITMIME"))
            return true;
        var buffer = ArrayPool<byte>.Shared.Rent(16_384);
        try
        {
            content.Rewind();
            while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                if (buffer.AsSpan(0, count).ContainsAnyExceptInRange((byte)0, (byte)127))
                    return true;
            }
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Cancel();
            Abandon(null);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
