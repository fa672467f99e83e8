using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Transport.Listening;

/// <summary>
/// Drives one server session over a connection: reads, hands questions and body slices to the handler,
/// sends the replies, and disposes of connection and handler however it ends.
/// </summary>
/// <remarks>
/// Replies are sent when input is needed, before an answer that is not there at once, after each answer
/// to the end of a message, and at 16 KB.
/// </remarks>
internal sealed class ServerPump(
    ServedConnection connection,
    SessionMemory memory,
    ServerSession session,
    IServerSessionHandler handler,
    IServerObserver? observer,
    PumpTls? tls = null,
    TimeSpan greetingDelay = default) : IHeartbeatMember
{
    private const int FlushSize = 16 * 1024;

    private readonly ReplyBuffer replies = connection.Replies;
    private bool messageOpen;
    private int messages;
    private long held;

    /// <summary>How the session ended, once it has.</summary>
    public SessionEnd End { get; private set; }

    int IHeartbeatMember.HeartbeatSlot { get; set; }

    /// <summary>Ends the session with 421 as soon as it is between commands; a message under way may finish.</summary>
    public void RequestStop() => connection.RequestStop();

    /// <summary>Ends the session at once.</summary>
    public void Abort() => connection.Abort();

    void IHeartbeatMember.Beat(long now) => connection.Expire(now);

    /// <summary>Runs the session to its end. Never throws.</summary>
    public async Task RunAsync()
    {
        var reason = SessionEndReason.Closed;
        try
        {
            if (tls is { IsImplicit: true } && !await UpgradeAsync())
            {
                reason = SessionEndReason.TlsFailed;
                return;
            }
            if (tls is not { IsImplicit: true } && greetingDelay > TimeSpan.Zero && await EndsBeforeGreetingAsync() is { } end)
            {
                reason = end;
                return;
            }
            var step = session.Start(replies);
            while (true)
            {
                connection.Consume(step.Consumed, progress: step.Kind != StepKind.NeedInput || step.HasAdvanced);
                if (messageOpen && !session.IsInMessage)
                    await AbandonAsync();
                CountHeld(session.HeldOctets);
                if (session.TakeRefusal() is { } refusal)
                    observer?.Refused(session.Facts, refusal);
                if (replies.Count >= FlushSize)
                    await connection.FlushAsync();

                switch (step.Kind)
                {
                    case StepKind.Ask:
                        step = await AskAsync(step.Question!);
                        if (step.Kind == StepKind.NeedInput && connection.HasInput)
                            step = session.Advance(connection.Input, replies);
                        continue;

                    case StepKind.Body:
                        await TakeBodyAsync(connection.Consumed(step));
                        step = session.Advance(connection.Input, replies);
                        continue;

                    case StepKind.UpgradeTls:
                        await connection.FlushAsync();
                        if (!await UpgradeAsync())
                        {
                            reason = SessionEndReason.TlsFailed;
                            return;
                        }
                        step = new Step(StepKind.NeedInput, 0);
                        continue;

                    case StepKind.Turn:
                        await connection.FlushAsync();
                        reason = SessionEndReason.Turned;
                        await TurnAsync();
                        return;

                    case StepKind.Close:
                        await connection.FlushAsync(isLast: true);
                        return;
                }

                // All that the peer is waiting for goes out before we wait for the peer.
                await connection.FlushAsync();
                switch (await connection.ReadAsync(step.Deadline, session.IsInMessage, isBusy: messages > 0))
                {
                    case ReadEnd.Input:
                        step = session.Advance(connection.Input, replies);
                        break;
                    case ReadEnd.Expired:
                        reason = SessionEndReason.TimedOut;
                        var isSlow = session.IsInMessage || connection.HasInput;
                        step = session.TimedOut(replies);
                        // A peer that has nothing to say does nothing wrong.
                        if (!isSlow)
                            session.TakeRefusal();
                        break;
                    case ReadEnd.Stopped:
                        reason = SessionEndReason.ServerStopped;
                        step = session.ShuttingDown(replies);
                        session.TakeRefusal();
                        break;
                    case ReadEnd.Closed:
                        reason = SessionEndReason.PeerClosed;
                        session.PeerClosed();
                        return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            session.PeerClosed();
            reason = connection.IsAborted || connection.IsStopped ? SessionEndReason.ServerStopped
                : connection.HasTimedOut ? SessionEndReason.TimedOut
                : SessionEndReason.Broken;
        }
        catch (Exception e)
        {
            observer?.Faulted(session.Facts, e);
            reason = SessionEndReason.Faulted;
        }
        finally
        {
            End = new SessionEnd(reason, messages, connection.Received, connection.Sent);
            await DisposeAllAsync(End);
        }
    }

    // The handshake; all that was said before is forgotten.
    private async ValueTask<bool> UpgradeAsync()
    {
        if (tls?.Settings() is not { } settings)
            return false;
        var handshake = await connection.SecureAsync(tls.Upgrade, settings);
        if (!handshake.IsEstablished)
        {
            session.PeerClosed();
            observer?.TlsFailed(session.Facts, handshake.Failure);
            return false;
        }
        session.TlsEstablished(handshake.Facts);
        return true;
    }

    // Waits before the greeting; not null where there will be none.
    private async ValueTask<SessionEndReason?> EndsBeforeGreetingAsync()
    {
        switch (await connection.HeardWithinAsync(greetingDelay))
        {
            case ReadEnd.Expired:
                return null;
            case ReadEnd.Stopped:
                session.ShuttingDown(replies);
                await connection.FlushAsync(isLast: true);
                return SessionEndReason.ServerStopped;
            case ReadEnd.Closed:
                return SessionEndReason.PeerClosed;
            default:
                observer?.TurnedAway(session.Facts, ReplyCatalogue.SpokeFirst);
                ReplyCatalogue.SpokeFirst.WriteTo(replies);
                await connection.FlushAsync(isLast: true);
                return SessionEndReason.Closed;
        }
    }

    // Puts a question to the handler, and its answer to the session.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Step> AskAsync(Question question)
    {
        if (question is StartTlsQuestion)
            return session.Answer(tls?.Settings() is null ? Answer.Refuse(ReplyCatalogue.TlsNotAvailable) : Answer.Accept(), replies);
        if (question is RecipientQuestion && memory.IsFull && session.HeldOctets > 0)
        {
            observer?.Refused(session.Facts, ReplyCatalogue.NoRoomForRecipient);
            return session.Answer(Answer.Refuse(ReplyCatalogue.NoRoomForRecipient), replies);
        }
        var endsMessage = question is EndOfMessageQuestion;
        Exception? lost = null;
        Answer answer;
        try
        {
            var pending = handler.AnswerAsync(question, session.Facts, connection.Token);
            if (!pending.IsCompleted)
            {
                lost = await TryFlushAsync();
                connection.StandBy();
            }
            answer = await pending;
            messageOpen = answer.IsAccepted && question is StartOfMessageQuestion;
        }
        catch (Exception e) when (!(connection.IsAborted && e is OperationCanceledException))
        {
            observer?.HandlerFailed(session.Facts, e);
            answer = Answer.Refuse(question is ConnectQuestion ? ReplyCatalogue.CannotServe : ReplyCatalogue.LocalError);
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
            await connection.FlushAsync(isLast: step.Kind == StepKind.Close);
        }
        return step;
    }

    private async ValueTask TurnAsync()
    {
        try
        {
            await handler.TurnAsync(connection.Turn(session.Facts), connection.Token);
        }
        catch (Exception e) when (!(connection.IsAborted && e is OperationCanceledException))
        {
            observer?.HandlerFailed(session.Facts, e);
        }
    }

    private async ValueTask TakeBodyAsync(ReadOnlyMemory<byte> slice)
    {
        Exception? lost = null;
        Reply? refusal;
        try
        {
            var pending = handler.WriteBodyAsync(slice, connection.Token);
            if (!pending.IsCompleted)
                lost = await TryFlushAsync();
            refusal = await pending;
        }
        catch (Exception e) when (!(connection.IsAborted && e is OperationCanceledException))
        {
            observer?.HandlerFailed(session.Facts, e);
            refusal = ReplyCatalogue.LocalError;
        }
        if (lost is not null)
            ExceptionDispatchInfo.Throw(lost);
        if (refusal is not null)
            session.BodyRefused(refusal);
    }

    private void CountHeld(long now)
    {
        if (now == held)
            return;
        memory.Hold(now - held);
        held = now;
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

    // While the handler is at work, a broken connection has to wait until it is done.
    private async ValueTask<Exception?> TryFlushAsync()
    {
        try
        {
            await connection.FlushAsync();
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
            await connection.CloseAsync();
            if (messageOpen)
                await AbandonAsync();
            await handler.DisposeAsync();
        }
        catch (Exception e)
        {
            observer?.HandlerFailed(session.Facts, e);
        }
        connection.Release();
        CountHeld(0);
        observer?.Ended(session.Facts, summary);
    }
}
