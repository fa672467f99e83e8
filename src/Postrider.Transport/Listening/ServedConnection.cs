using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Postrider.Smtp.Server;
using Postrider.Transport.Tls;

namespace Postrider.Transport.Listening;

/// <summary>How a read of a <see cref="ServedConnection"/> came to its end.</summary>
internal enum ReadEnd
{
    /// <summary>There is more input than before.</summary>
    Input,

    /// <summary>The peer has closed its half.</summary>
    Closed,

    /// <summary>The peer was waited for long enough.</summary>
    Expired,

    /// <summary>The server stops, and the peer is between commands.</summary>
    Stopped,
}

/// <summary>
/// The connection below one session: what has been read and not consumed, what is to be sent, and the
/// deadlines of both. At rest it holds no buffer, and one state machine.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A token source without a timer holds nothing to dispose of, and others may cancel it after the end.")]
internal sealed class ServedConnection(ITransport transport, ServerLimits limits, Heartbeat heartbeat, SessionMemory memory)
{
    // A peer that never lets a read wait gets off the thread now and then, so that others get on it.
    private const int ReadsBeforeYield = 64;

    // The last reply has to go out within this.
    private const long FarewellTime = 30_000;

    private readonly CancellationTokenSource cancellation = new();
    // The one that was accepted: breaking it breaks TLS over it too.
    private readonly ITransport accepted = transport;
    private ITransport current = transport;
    private bool isUnderTls;
    private ReceiveBuffer buffer = new();
    private TimeAllowance allowance = new(limits);
    private Wait wait;
    private int synchronousReads;
    private bool hasShare;
    private volatile CancellationTokenSource? quiet;
    private volatile CancellationTokenSource? turned;
    private volatile bool stopRequested;
    private volatile bool aborted;

    /// <summary>What is to be sent.</summary>
    public ReplyBuffer Replies { get; } = new();

    /// <summary>What has been read and not consumed.</summary>
    public Span<byte> Input => buffer.Input;

    public bool HasInput => !buffer.IsEmpty;

    /// <summary>Cancelled when the wait for the peer, or the session, is cut off.</summary>
    public CancellationToken Token => cancellation.Token;

    /// <summary>Whether the server has cut it off.</summary>
    public bool IsAborted => aborted;

    /// <summary>Whether the peer has not taken its replies in time, or not ended its handshake.</summary>
    public bool HasTimedOut { get; private set; }

    /// <summary>Whether a stop has cut a handshake off.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Octets read from the peer.</summary>
    public long Received { get; private set; }

    /// <summary>Octets written to the peer.</summary>
    public long Sent { get; private set; }

    /// <summary>Input that the session has done with.</summary>
    /// <param name="count">Octets.</param>
    /// <param name="progress">Whether the session has got on, so that the time for a command begins anew.</param>
    public void Consume(int count, bool progress)
    {
        buffer.Consume(count);
        if (progress)
            allowance.Progress();
    }

    /// <summary>A part of what was consumed last; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Consumed(in Step step) => buffer.Consumed(step.Consumed, step.BodyStart, step.BodyLength);

    /// <summary>Reads more input, behind what is there.</summary>
    /// <param name="deadline">Which time limit runs.</param>
    /// <param name="isInMessage">Whether a stop has to wait.</param>
    /// <param name="isBusy">Whether the next command is likely there soon.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadEnd> ReadAsync(SessionDeadline deadline, bool isInMessage, bool isBusy)
    {
        allowance.Grant(deadline);
        var isHeard = false;
        for (var rests = deadline == SessionDeadline.Command && buffer.IsEmpty; ; rests = false)
        {
            if (stopRequested && !isInMessage)
                return ReadEnd.Stopped;
            Memory<byte> room;
            if (rests)
            {
                // Under TLS a wait with an array of ours costs one of TLS's own besides, of a whole record.
                room = buffer.Rest(isBusy && !isUnderTls);
                GiveShare();
            }
            else if (!isHeard && memory.IsScarce && buffer.PutAside())
            {
                room = default;
                GiveShare();
            }
            else
            {
                if (!hasShare && !(hasShare = memory.TryTake()) && await TakeShareAsync(isInMessage) is { } cut)
                    return cut;
                room = buffer.MakeRoom();
            }
            var read = current.ReadAsync(room, cancellation.Token);
            int count;
            if (read.IsCompletedSuccessfully)
            {
                count = read.Result;
                if (++synchronousReads >= ReadsBeforeYield)
                {
                    synchronousReads = 0;
                    await Task.Yield();
                }
            }
            else
            {
                synchronousReads = 0;
                var began = heartbeat.Now;
                wait.Begin(heartbeat.After(allowance.Left), isInMessage ? WaitKind.ReadInMessage : WaitKind.ReadCommand);
                if (stopRequested)
                    RequestStop();
                try
                {
                    count = await read;
                }
                catch (OperationCanceledException) when (!aborted)
                {
                    count = 0;
                }
                allowance.Waited(heartbeat.Now - began);
                var end = wait.End();
                if (end != WaitEnd.Completed)
                    return end == WaitEnd.Expired ? ReadEnd.Expired : ReadEnd.Stopped;
            }
            // A read into nothing says that there is input, and takes none of it.
            if (room.IsEmpty)
            {
                isHeard = true;
                continue;
            }
            if (count == 0)
                return ReadEnd.Closed;
            buffer.Received(count);
            allowance.Received(count);
            Received += count;
            return ReadEnd.Input;
        }
    }

    /// <summary>An answer is waited for, which may take its time: where memory is scarce others get what is not needed for that.</summary>
    public void StandBy()
    {
        if (memory.IsScarce && buffer.PutAside())
            GiveShare();
    }

    /// <summary>Waits for the time to pass in silence.</summary>
    /// <returns>Expired where it did; Input where the peer spoke, which stays unread past one octet.</returns>
    public async ValueTask<ReadEnd> HeardWithinAsync(TimeSpan time)
    {
        // The token of the session cannot be used twice, and silence is not its end. The heartbeat may still have it when
        // the wait is over, so that nobody disposes of it.
        var silence = quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellation.Token);
        wait.Begin(heartbeat.After((long)time.TotalMilliseconds), WaitKind.ReadCommand);
        if (stopRequested)
            RequestStop();
        var count = 0;
        try
        {
            count = await current.ReadAsync(new byte[1], silence.Token);
        }
        catch (OperationCanceledException) when (!aborted)
        {
            // The wait says why.
        }
        var end = wait.End();
        quiet = null;
        return end switch
        {
            WaitEnd.Expired => ReadEnd.Expired,
            WaitEnd.Stopped => ReadEnd.Stopped,
            _ => count > 0 ? ReadEnd.Input : ReadEnd.Closed,
        };
    }

    /// <summary>Sends the replies.</summary>
    /// <param name="isLast">Whether these are the last; a peer that closes is not waited for as long.</param>
    public ValueTask FlushAsync(bool isLast = false)
    {
        if (Replies.Count == 0)
            return ValueTask.CompletedTask;
        Sent += Replies.Count;
        var write = current.WriteAsync(Replies.Written);
        if (!write.IsCompletedSuccessfully)
            return FinishWriteAsync(write, isLast);
        write.GetAwaiter().GetResult();
        Replies.Release();
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the TLS handshake, within its time; a stop ends it.</summary>
    /// <exception cref="OperationCanceledException">It was cut off: <see cref="HasTimedOut"/> and <see cref="IsStopped"/> say why.</exception>
    public async ValueTask<TlsHandshake> SecureAsync(ITlsUpgrade tls, TlsServerSettings settings)
    {
        PutAway();
        wait.Begin(heartbeat.After((long)limits.HandshakeTimeout.TotalMilliseconds), WaitKind.ReadCommand);
        if (stopRequested)
            RequestStop();
        try
        {
            var handshake = await tls.AcceptAsync(current, settings, cancellation.Token);
            if (handshake.IsEstablished)
            {
                current = handshake.Transport;
                isUnderTls = true;
            }
            return handshake;
        }
        finally
        {
            var end = wait.End();
            HasTimedOut |= end == WaitEnd.Expired;
            IsStopped |= end == WaitEnd.Stopped;
        }
    }

    /// <summary>Hands the connection out: the roles have changed, and this reads and writes no more.</summary>
    public TurnedConnection Turn(SessionFacts peer)
    {
        Release();
        var stopping = turned = new CancellationTokenSource();
        if (stopRequested)
            stopping.Cancel();
        return new TurnedConnection(current, peer, stopping.Token);
    }

    /// <summary>Ends the wait for a command; one within a message goes on.</summary>
    public void RequestStop()
    {
        stopRequested = true;
        turned?.Cancel();
        if (wait.TryStop())
            cancellation.Cancel();
    }

    /// <summary>Breaks the connection.</summary>
    public void Abort()
    {
        aborted = true;
        cancellation.Cancel();
        accepted.Abort();
    }

    /// <summary>Ends a wait whose deadline is past.</summary>
    public void Expire(long now)
    {
        // Taken before the wait is ended, for its owner forgets it then.
        var ending = quiet ?? cancellation;
        switch (wait.TryExpire(now))
        {
            case WaitKind.None:
                break;
            case WaitKind.Write:
                // A peer that takes no replies cannot be told so.
                accepted.Abort();
                break;
            default:
                ending.Cancel();
                break;
        }
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask CloseAsync() => current.DisposeAsync();

    /// <summary>Gives back what it holds, once nobody looks at it any more.</summary>
    public void Release()
    {
        PutAway();
        Replies.Release();
    }

    private void PutAway()
    {
        buffer.PutAway();
        GiveShare();
    }

    private void GiveShare()
    {
        if (!hasShare)
            return;
        hasShare = false;
        memory.Give();
    }

    // The peer is not to blame for this wait: it costs nothing of its time.
    private async ValueTask<ReadEnd?> TakeShareAsync(bool isInMessage)
    {
        wait.Begin(heartbeat.After((long)limits.CommandTimeout.TotalMilliseconds), isInMessage ? WaitKind.ReadInMessage : WaitKind.ReadCommand);
        if (stopRequested)
            RequestStop();
        try
        {
            await memory.TakeAsync(cancellation.Token);
            hasShare = true;
        }
        catch (OperationCanceledException) when (!aborted)
        {
            // The wait says why.
        }
        return wait.End() switch
        {
            WaitEnd.Expired => ReadEnd.Expired,
            WaitEnd.Stopped => ReadEnd.Stopped,
            _ => null,
        };
    }

    private async ValueTask FinishWriteAsync(ValueTask write, bool isLast)
    {
        wait.Begin(heartbeat.After(isLast || memory.IsScarce ? FarewellTime : (long)limits.CommandTimeout.TotalMilliseconds), WaitKind.Write);
        try
        {
            await write;
        }
        finally
        {
            HasTimedOut |= wait.End() == WaitEnd.Expired;
        }
        Replies.Release();
    }
}
