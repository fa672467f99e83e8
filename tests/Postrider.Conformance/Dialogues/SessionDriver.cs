using System.Buffers;
using System.Text;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Conformance.Dialogues;

/// <summary>
/// Drives a server session in memory as a pump does, at once and in one thread, and holds it to its side of
/// the contract: steps make progress, slices lie in the input, nothing comes after the end.
/// </summary>
public sealed class SessionDriver
{
    private readonly ServerSession session;
    private readonly ScriptedPolicy policy;
    private readonly ArrayBufferWriter<byte> replies = new();
    private readonly List<byte> body = [];
    private readonly List<ReceivedMessage> messages = [];
    private byte[] input = [];
    private bool bodyRefused;

    /// <summary>Makes a session and starts it.</summary>
    /// <param name="settings">The server's settings.</param>
    /// <param name="policy">Answers its questions.</param>
    /// <param name="peer">What is known of the peer; nothing unless given.</param>
    public SessionDriver(ServerSettings settings, ScriptedPolicy policy, SessionFacts? peer = null)
    {
        this.policy = policy ?? throw new ArgumentNullException(nameof(policy));
        session = new ServerSession(settings, peer ?? new SessionFacts());
        Follow(session.Start(replies));
    }

    /// <summary>Everything the session has said.</summary>
    public string Transcript => Encoding.UTF8.GetString(replies.WrittenSpan);

    /// <summary>How many octets it has said.</summary>
    public int TranscriptLength => replies.WrittenCount;

    /// <summary>The messages put to policy.</summary>
    public IReadOnlyList<ReceivedMessage> Messages => messages;

    /// <summary>Whether it has closed the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether it is done with the connection because the roles have changed.</summary>
    public bool IsTurned { get; private set; }

    /// <summary>Whether a message is under way.</summary>
    public bool IsInMessage => session.IsInMessage;

    /// <summary>What it waits for.</summary>
    public SessionDeadline Deadline { get; private set; }

    /// <summary>Octets that it has not consumed yet.</summary>
    public int Unconsumed => input.Length;

    /// <summary>Questions asked, messages abandoned and the rest, for a look behind a failure.</summary>
    public int Abandoned { get; private set; }

    /// <summary>Whether it waits for a TLS handshake.</summary>
    public bool IsUpgrading { get; private set; }

    /// <summary>The TLS handshake is done.</summary>
    public void EstablishTls()
    {
        if (!IsUpgrading)
            throw new InvalidOperationException("The session has not asked for TLS.");
        IsUpgrading = false;
        Follow(session.TlsEstablished(new TlsFacts { Protocol = "TLSv1.3", CipherSuite = "TLS_AES_256_GCM_SHA384" }));
    }

    /// <summary>Octets arrive.</summary>
    public void Feed(ReadOnlySpan<byte> octets)
    {
        if (IsClosed)
            return;
        if (IsUpgrading)
        {
            // What is said in the clear is no handshake, and a failed one ends the connection.
            PeerCloses();
            return;
        }
        byte[] joined = [.. input, .. octets];
        input = joined;
        Run();
    }

    /// <summary>The time limit runs out.</summary>
    public void TimeOut() => Follow(session.TimedOut(replies));

    /// <summary>The server goes down.</summary>
    public void ShutDown() => Follow(session.ShuttingDown(replies));

    /// <summary>The peer closes.</summary>
    public void PeerCloses()
    {
        session.PeerClosed();
        IsClosed = true;
    }

    private void Run()
    {
        while (!IsClosed)
        {
            var held = session.IsInMessage;
            var step = session.Advance(input, replies);
            if (step.Consumed < 0 || step.Consumed > input.Length)
                throw new InvalidOperationException($"Consumed {step.Consumed} of {input.Length}.");
            if (step.Kind == StepKind.Body)
                TakeBody(step);
            input = input[step.Consumed..];
            if (held && !session.IsInMessage)
            {
                Abandoned++;
                body.Clear();
            }
            if (Follow(step))
                return;
        }
    }

    // True when the session waits for input.
    private bool Follow(Step step)
    {
        while (step.Kind == StepKind.Ask)
        {
            if (step.Question is EndOfMessageQuestion end)
            {
                messages.Add(new ReceivedMessage(end.Envelope, [.. body], end.Content, session.Facts.ProtocolOf(end.Envelope)));
                body.Clear();
            }
            var answer = policy.Answer(step.Question ?? throw new InvalidOperationException("A question is missing."), session.Facts);
            if (step.Question is StartOfMessageQuestion)
                bodyRefused = false;
            step = session.Answer(answer, replies);
            if (step.Consumed != 0)
                throw new InvalidOperationException("An answer consumes no input.");
            if (step.Kind == StepKind.NeedInput)
                return false;
        }
        if (step.Kind is StepKind.Close or StepKind.Turn)
            IsClosed = true;
        if (step.Kind == StepKind.Turn)
        {
            IsTurned = true;
            if (input.Length > 0)
                throw new InvalidOperationException("Input is left behind the change of roles.");
        }
        if (step.Kind == StepKind.UpgradeTls)
            IsUpgrading = true;
        Deadline = step.Deadline;
        return step.Kind != StepKind.Body;
    }

    private void TakeBody(in Step step)
    {
        if (step.BodyLength < 1 || step.BodyStart < 0 || step.BodyStart + step.BodyLength > step.Consumed)
            throw new InvalidOperationException($"A slice at {step.BodyStart} of {step.BodyLength} octets, {step.Consumed} consumed.");
        if (bodyRefused)
            throw new InvalidOperationException("A slice came after the body was refused.");
        body.AddRange(input.AsSpan(step.BodyStart, step.BodyLength));
        if (policy.BodyRefusal is var (after, reply) && body.Count > after)
        {
            bodyRefused = true;
            session.BodyRefused(reply);
        }
    }
}
