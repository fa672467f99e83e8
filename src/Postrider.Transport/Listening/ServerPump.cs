using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Transport.Listening;

/// <summary>
/// Drives one server session over a connection: reads, hands questions and body slices to the handler,
/// sends the replies, keeps the deadlines, and disposes of connection and handler however it ends.
/// </summary>
/// <remarks>
/// Replies are sent when input is needed, before an answer that is not there at once, after each answer
/// to the end of a message, and at 16 KB. A connection at rest holds no buffer, and one state machine.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A token source without a timer holds nothing to dispose of, and others may cancel it after the end.")]
internal sealed class ServerPump : IHeartbeatMember
{
    private const int FlushSize = 16 * 1024;

    // A peer that never lets a read wait gets off the thread now and then, so that others get on it.
    private const int ReadsBeforeYield = 64;

    // The last reply has to go out within this.
    private const long FarewellTime = 30_000;

    private static readonly Reply Failure = new(451, new EnhancedStatusCode(4, 3, 0), "Local error in processing, try again later");
    private static readonly Reply ConnectFailure = new(421, new EnhancedStatusCode(4, 3, 0), "Local error in processing, try again later");

    private readonly ITransport transport;
    private readonly ServerSession session;
    private readonly ServerLimits limits;
    private readonly IServerSessionHandler handler;
    private readonly Heartbeat heartbeat;
    private readonly IServerObserver? observer;
    private readonly ReplyBuffer replies = new();
    private readonly CancellationTokenSource cancellation = new();

    private ReceiveBuffer buffer = new();
    private TimeAllowance allowance;

    private Wait wait;
    private bool inputIsThere;
    private bool closing;
    private bool timedOut;
    private volatile bool stopRequested;
    private volatile bool aborted;

    private bool messageOpen;
    private int messages;
    private long received;
    private long sent;

    public ServerPump(
        ITransport transport,
        ServerSession session,
        ServerLimits limits,
        IServerSessionHandler handler,
        Heartbeat heartbeat,
        IServerObserver? observer)
    {
        this.transport = transport;
        this.session = session;
        this.limits = limits;
        this.handler = handler;
        this.heartbeat = heartbeat;
        this.observer = observer;
        allowance = new TimeAllowance(limits);
    }

    int IHeartbeatMember.HeartbeatSlot { get; set; }

    /// <summary>Ends the session with 421 as soon as it is between commands; a message under way may finish.</summary>
    public void RequestStop()
    {
        stopRequested = true;
        if (wait.TryStop())
            cancellation.Cancel();
    }

    /// <summary>Ends the session at once.</summary>
    public void Abort()
    {
        aborted = true;
        cancellation.Cancel();
        transport.Abort();
    }

    void IHeartbeatMember.Beat(long now)
    {
        switch (wait.TryExpire(now))
        {
            case WaitKind.None:
                break;
            case WaitKind.Write:
                // A peer that takes no replies cannot be told so.
                transport.Abort();
                break;
            default:
                cancellation.Cancel();
                break;
        }
    }

    /// <summary>Runs the session to its end. Never throws.</summary>
    public async Task RunAsync()
    {
        var reason = SessionEndReason.Closed;
        try
        {
            var step = session.Start(replies);
            var synchronousReads = 0;
            while (true)
            {
                buffer.Consume(step.Consumed);
                if (step.Consumed > 0 || step.Kind == StepKind.Ask)
                    allowance.Progress();
                if (messageOpen && !session.IsInMessage)
                    await AbandonAsync();
                if (replies.Count >= FlushSize)
                    await FlushAsync();

                switch (step.Kind)
                {
                    case StepKind.Ask:
                        step = await AskAsync(step.Question!);
                        if (step.Kind == StepKind.NeedInput && !buffer.IsEmpty)
                            step = session.Advance(buffer.Input, replies);
                        continue;

                    case StepKind.Body:
                        await TakeBodyAsync(buffer.Consumed(step.Consumed, step.BodyStart, step.BodyLength));
                        step = session.Advance(buffer.Input, replies);
                        continue;

                    case StepKind.Close:
                        closing = true;
                        await FlushAsync();
                        return;
                }

                // All that the peer is waiting for goes out before we wait for the peer.
                await FlushAsync();
                if (stopRequested && !session.IsInMessage)
                {
                    reason = SessionEndReason.ServerStopped;
                    step = session.ShuttingDown(replies);
                    continue;
                }

                allowance.Grant(step.Deadline);
                var rests = !inputIsThere && buffer.IsEmpty && step.Deadline == SessionDeadline.Command;
                var room = rests ? buffer.Rest(busy: messages > 0) : buffer.MakeRoom();
                rests &= room.IsEmpty;
                var read = transport.ReadAsync(room, cancellation.Token);
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
                    wait.Begin(heartbeat.After(allowance.Left), session.IsInMessage ? WaitKind.ReadInMessage : WaitKind.ReadCommand);
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
                    switch (wait.End())
                    {
                        case WaitEnd.Expired:
                            reason = SessionEndReason.TimedOut;
                            step = session.TimedOut(replies);
                            continue;
                        case WaitEnd.Stopped:
                            reason = SessionEndReason.ServerStopped;
                            step = session.ShuttingDown(replies);
                            continue;
                    }
                }

                if (rests)
                {
                    inputIsThere = true;
                    step = step with { Consumed = 0 };
                    continue;
                }
                inputIsThere = false;
                if (count == 0)
                {
                    reason = SessionEndReason.PeerClosed;
                    session.PeerClosed();
                    return;
                }
                buffer.Received(count);
                allowance.Received(count);
                received += count;
                step = session.Advance(buffer.Input, replies);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            session.PeerClosed();
            reason = aborted ? SessionEndReason.ServerStopped
                : timedOut ? SessionEndReason.TimedOut
                : SessionEndReason.Broken;
        }
        catch (Exception e)
        {
            observer?.Faulted(session.Facts, e);
            reason = SessionEndReason.Faulted;
        }
        finally
        {
            await DisposeAllAsync(new SessionEnd(reason, messages, received, sent));
        }
    }

    // Puts a question to the handler, and its answer to the session.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Step> AskAsync(Question question)
    {
        var endsMessage = question is EndOfMessageQuestion;
        Exception? lost = null;
        Answer answer;
        try
        {
            var pending = handler.AnswerAsync(question, session.Facts, cancellation.Token);
            if (!pending.IsCompleted)
                lost = await TryFlushAsync();
            answer = await pending;
            messageOpen = answer.IsAccepted && question is StartOfMessageQuestion;
        }
        catch (Exception e) when (!(aborted && e is OperationCanceledException))
        {
            observer?.HandlerFailed(session.Facts, e);
            answer = Answer.Refuse(question is ConnectQuestion ? ConnectFailure : Failure);
            if (messageOpen)
                await AbandonAsync();
        }
        if (lost is not null)
            ExceptionDispatchInfo.Throw(lost);

        var step = session.Answer(answer, replies);
        if (endsMessage)
        {
            if (answer.IsAccepted)
                messages++;
            // The sooner the peer knows, the less is sent twice after a break (RFC 1047).
            await FlushAsync();
        }
        return step;
    }

    private async ValueTask TakeBodyAsync(ReadOnlyMemory<byte> slice)
    {
        Exception? lost = null;
        Reply? refusal;
        try
        {
            var pending = handler.WriteBodyAsync(slice, cancellation.Token);
            if (!pending.IsCompleted)
                lost = await TryFlushAsync();
            refusal = await pending;
        }
        catch (Exception e) when (!(aborted && e is OperationCanceledException))
        {
            observer?.HandlerFailed(session.Facts, e);
            refusal = Failure;
        }
        if (lost is not null)
            ExceptionDispatchInfo.Throw(lost);
        if (refusal is not null)
            session.BodyRefused(refusal);
    }

    private async ValueTask AbandonAsync()
    {
        messageOpen = false;
        try
        {
            await handler.AbandonMessageAsync();
        }
        catch (Exception e)
        {
            observer?.HandlerFailed(session.Facts, e);
        }
    }

    private ValueTask FlushAsync()
    {
        if (replies.Count == 0)
            return ValueTask.CompletedTask;
        sent += replies.Count;
        var write = transport.WriteAsync(replies.Written);
        if (!write.IsCompletedSuccessfully)
            return FinishWriteAsync(write);
        write.GetAwaiter().GetResult();
        replies.Release();
        return ValueTask.CompletedTask;
    }

    private async ValueTask FinishWriteAsync(ValueTask write)
    {
        wait.Begin(heartbeat.After(closing ? FarewellTime : (long)limits.CommandTimeout.TotalMilliseconds), WaitKind.Write);
        try
        {
            await write;
        }
        finally
        {
            timedOut |= wait.End() == WaitEnd.Expired;
        }
        replies.Release();
    }

    // While the handler is at work, a broken connection has to wait until it is done.
    private async ValueTask<Exception?> TryFlushAsync()
    {
        try
        {
            await FlushAsync();
            return null;
        }
        catch (IOException e)
        {
            return e;
        }
    }

    private async ValueTask DisposeAllAsync(SessionEnd summary)
    {
        try
        {
            await transport.DisposeAsync();
            if (messageOpen)
                await AbandonAsync();
            await handler.DisposeAsync();
        }
        catch (Exception e)
        {
            observer?.HandlerFailed(session.Facts, e);
        }
        buffer.PutAway();
        replies.Release();
        observer?.Ended(session.Facts, summary);
    }
}
