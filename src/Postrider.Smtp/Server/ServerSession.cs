using System.Buffers;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>
/// One SMTP session as the server sees it (RFC 5321): it is given octets and answers, and gives
/// replies and steps. It has no socket, clock or task; the pump that drives it has.
/// </summary>
public sealed class ServerSession
{
    private readonly ServerSettings settings;
    private Reply? refusal;

    /// <summary>Makes the session of a connection that has just been accepted.</summary>
    public ServerSession(ServerSettings settings, SessionFacts facts)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(facts);
        this.settings = settings;
        Facts = facts;
    }

    /// <summary>What is known of the peer by now.</summary>
    public SessionFacts Facts { get; }

    /// <summary>
    /// Whether the handler holds a message: from the accepted <see cref="StartOfMessageQuestion"/> until its
    /// end has been answered or refused.
    /// </summary>
    public bool IsInMessage => refusal is not null;

    /// <summary>Begins: asks the <see cref="ConnectQuestion"/>.</summary>
    public Step Start(IBufferWriter<byte> replies) => new(StepKind.Ask, 0) { Question = new ConnectQuestion() };

    /// <summary>
    /// Takes the answer to the question asked. It consumes nothing; unless the step says otherwise, the pump
    /// goes on with <see cref="Advance"/> over the input that is left.
    /// </summary>
    public Step Answer(in Answer answer, IBufferWriter<byte> replies) => new(StepKind.NeedInput, 0);

    /// <summary>Goes as far as it can with the input: many commands in one call.</summary>
    /// <param name="input">What has been read and not consumed. A body in it is compacted in place.</param>
    /// <param name="replies">Takes the replies.</param>
    public Step Advance(Span<byte> input, IBufferWriter<byte> replies) => new(StepKind.Close, input.Length);

    /// <summary>The handler refused a slice of the body: the rest is skipped, and the reply given at its end.</summary>
    public void BodyRefused(Reply reply) => refusal = reply;

    /// <summary>The time limit that the last step named has run out (421 4.4.2).</summary>
    public Step TimedOut(IBufferWriter<byte> replies) => new(StepKind.Close, 0);

    /// <summary>The server goes down (421 4.3.2). Called between commands.</summary>
    public Step ShuttingDown(IBufferWriter<byte> replies) => new(StepKind.Close, 0);

    /// <summary>The peer has closed the connection: nothing more is asked or answered.</summary>
    public void PeerClosed() => refusal = settings.Hostname is null ? refusal : null;
}
