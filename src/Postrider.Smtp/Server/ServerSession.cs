using System.Buffers;
using System.Globalization;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server.Verbs;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Server;

/// <summary>
/// One SMTP session as the server sees it (RFC 5321): it is given octets and answers, and gives replies
/// and steps. It has no socket, clock or task; the pump that drives it has. However the octets are cut,
/// the replies are the same.
/// </summary>
public sealed class ServerSession
{
    private readonly ServerSettings settings;
    private readonly Conversation conversation;
    private readonly CommandReader commands;
    private MessageReceiver? message;
    private AnswerTaker? taker;
    private LineTaker? dialogue;
    private bool started;
    private bool closed;
    private Outcome skipped;
    private bool receiving;
    private bool upgrading;

    /// <summary>Makes the session of a connection that has just been accepted.</summary>
    public ServerSession(ServerSettings settings, SessionFacts facts)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(facts);
        this.settings = settings;
        conversation = new Conversation(settings, facts);
        commands = new CommandReader(settings.Limits.CommandLine + settings.Extensions.CommandLineIncrease, LongLine);
    }

    /// <summary>What is known of the peer by now.</summary>
    public SessionFacts Facts => conversation.Facts;

    /// <summary>
    /// Whether the handler holds a message: from the accepted <see cref="StartOfMessageQuestion"/> until its
    /// end has been answered or refused. A session that is closed meanwhile keeps it true.
    /// </summary>
    public bool IsInMessage { get; private set; }

    /// <summary>About how many octets the open transaction has grown by: its recipients.</summary>
    public long HeldOctets => conversation.Transaction?.HeldOctets ?? 0;

    /// <summary>
    /// What the session has refused of itself since the last call, and the log is to know: a limit that was reached, a message
    /// that broke a rule. The last one, or null.
    /// </summary>
    public Reply? TakeRefusal()
    {
        var refusal = conversation.Refusal;
        conversation.Refusal = null;
        return refusal;
    }

    /// <summary>Begins: asks the <see cref="ConnectQuestion"/>.</summary>
    /// <exception cref="InvalidOperationException">The session has begun already.</exception>
    public Step Start(IBufferWriter<byte> replies)
    {
        ArgumentNullException.ThrowIfNull(replies);
        if (started)
            throw new InvalidOperationException("The session has begun already.");
        started = true;
        return Ask(new ConnectQuestion(), Connected, 0);
    }

    /// <summary>
    /// Takes the answer to the question asked. It consumes nothing; unless the step is to close, the pump
    /// goes on with <see cref="Advance"/> over the input that is left.
    /// </summary>
    /// <exception cref="InvalidOperationException">No question is open.</exception>
    public Step Answer(in Answer answer, IBufferWriter<byte> replies)
    {
        ArgumentNullException.ThrowIfNull(replies);
        if (closed)
            return new Step(StepKind.Close, 0);
        if (taker is null)
            throw new InvalidOperationException("No question is open.");
        var taken = taker;
        taker = null;
        if (Settle(taken(answer, conversation), replies, 0, out var step))
            return step;
        // A chunk of no octets is at its end already.
        var consumed = 0;
        return receiving && message!.IsAtEnd && Receive([], replies, ref consumed, out step) ? step : NeedInput(0);
    }

    /// <summary>Goes as far as it can with the input: many commands in one call.</summary>
    /// <param name="input">What has been read and not consumed. A body in it is compacted in place.</param>
    /// <param name="replies">Takes the replies.</param>
    /// <exception cref="InvalidOperationException">A question is open, or the session has not begun.</exception>
    public Step Advance(Span<byte> input, IBufferWriter<byte> replies)
    {
        ArgumentNullException.ThrowIfNull(replies);
        if (closed)
            return new Step(StepKind.Close, input.Length);
        if (taker is not null || !started || upgrading)
            throw new InvalidOperationException("The session waits for an answer or a handshake, not for input.");

        var consumed = 0;
        while (true)
        {
            Step step;
            if (skipped.Octets > 0)
            {
                var count = (int)Math.Min(skipped.Octets, input.Length - consumed);
                consumed += count;
                skipped = skipped.Behind(skipped.Octets - count);
                if (skipped.Octets > 0)
                    return NeedInput(consumed);
                if (Settle(skipped, replies, consumed, out step))
                    return step;
                continue;
            }
            if (receiving)
            {
                if (!Receive(input[consumed..], replies, ref consumed, out step))
                    continue;
                return step;
            }
            if (!commands.TryRead(input[consumed..], out var line, out var refusal, out var taken))
                return NeedInput(consumed + taken) with { HasAdvanced = consumed > 0 };
            consumed += taken;
            var outcome = Take(line, refusal);
            if (outcome.Question is StartTlsQuestion or TurnQuestion && consumed < input.Length)
            {
                // RFC 3207 §5: it may be somebody else's, and must not be read as what the client says under TLS.
                outcome = Outcome.Close(outcome.Question is TurnQuestion ? ReplyCatalogue.InputBehindTurn : ReplyCatalogue.InputBehindStartTls);
                consumed = input.Length;
            }
            if (Settle(outcome, replies, consumed, out step))
                return step;
        }
    }

    /// <summary>
    /// The connection is under TLS: what was said before is forgotten, and the peer begins anew with EHLO
    /// (RFC 3207 §4.2). Called after <see cref="StepKind.UpgradeTls"/>, or before <see cref="Start"/> where TLS
    /// came first (RFC 8314 §3).
    /// </summary>
    /// <exception cref="InvalidOperationException">No handshake was asked for.</exception>
    public Step TlsEstablished(TlsFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (started && !upgrading)
            throw new InvalidOperationException("No TLS handshake was asked for.");
        upgrading = IsInMessage = false;
        conversation.BeginUnderTls(facts);
        return NeedInput(0);
    }

    /// <summary>
    /// The handler refused a slice of the body: the rest is skipped, and the reply given at its end, where
    /// the session itself finds nothing wrong with it.
    /// </summary>
    /// <exception cref="InvalidOperationException">No body is under way.</exception>
    public void BodyRefused(Reply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.IsPositive)
            throw new ArgumentException("A refusal has a 4yz or 5yz reply.", nameof(reply));
        if (!receiving)
            throw new InvalidOperationException("No body is under way.");
        message!.Refuse(reply);
    }

    /// <summary>The time limit that the last step named has run out (421 4.4.2).</summary>
    public Step TimedOut(IBufferWriter<byte> replies) => CloseWith(settings.Replies.TimedOut, replies);

    /// <summary>The server goes down (421 4.3.2). Called between commands.</summary>
    public Step ShuttingDown(IBufferWriter<byte> replies) => CloseWith(settings.Replies.ShuttingDown, replies);

    /// <summary>The peer has closed the connection: nothing more is asked or answered.</summary>
    public void PeerClosed()
    {
        closed = true;
        conversation.DropTransaction();
    }

    private Outcome Take(ReadOnlySpan<byte> line, Reply? refusal)
    {
        if (dialogue is { } taken)
        {
            dialogue = null;
            return taken(line, refusal, conversation);
        }
        // RFC 5321 §4.1.1: trailing white space is tolerated.
        line = line.TrimEnd(" \t"u8);
        var end = line.IndexOfAny(" \r\n\0"u8);
        var verb = settings.Extensions.FindVerb(end < 0 ? line : line[..end]);
        if (verb?.CountOctets is not { } count)
            return refusal is null ? Carry(verb, line) : Outcome.Mistake(refusal);
        if (refusal is not null)
            return Outcome.Close(refusal);
        // RFC 3030 §2: the octets are discarded before the refusal is given.
        var octets = count(Argument(line));
        if (octets < 0)
            return Outcome.Close(ReplyCatalogue.ChunkSyntax);
        var outcome = Carry(verb, line);
        return outcome.Kind is OutcomeKind.Ask or OutcomeKind.Chunk ? outcome : outcome.Behind(octets);
    }

    private static ReadOnlySpan<byte> Argument(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        return space < 0 ? default : line[space..].TrimStart((byte)' ');
    }

    // Of a line that is over the limit of a command: a dialogue and what begins one have longer lines.
    private int LongLine(ReadOnlySpan<byte> start)
    {
        if (dialogue is not null)
            return settings.Limits.DialogueLine;
        var space = start.IndexOf((byte)' ');
        return space > 0 && settings.Extensions.FindVerb(start[..space])?.Has(VerbFlags.LongLine) == true ? settings.Limits.DialogueLine : 0;
    }

    // Checks that hold for every verb, in the order of RFC 5321 §4.1.4: known, allowed now, then its argument.
    private Outcome Carry(Verb? verb, ReadOnlySpan<byte> line)
    {
        if (conversation.IsRefused && verb?.Has(VerbFlags.EvenIfRefused) != true)
            return Outcome.Mistake(ReplyCatalogue.ServiceRefused);
        if (verb is null)
            return Outcome.Mistake(ReplyCatalogue.UnknownCommand);
        if (verb.Run is null)
            return Outcome.Mistake(ReplyCatalogue.NotImplemented);
        if (settings.IsOnDemandRelay && !verb.Has(VerbFlags.OnDemandRelay))
            return Outcome.Mistake(ReplyCatalogue.NotImplemented);
        if (settings.RequiresTls && conversation.Facts.Tls is null && !verb.Has(VerbFlags.BeforeTls))
            return Outcome.Mistake(ReplyCatalogue.TlsRequired);
        if (verb.Has(VerbFlags.Idle) && ++conversation.IdleCommands > settings.Limits.IdleCommands)
            return Outcome.Close(settings.Replies.TooManyIdleCommands);
        if (verb.Has(VerbFlags.NeedsHello) && conversation.Facts.PeerName is null)
            return Outcome.Mistake(ReplyCatalogue.HelloFirst);
        if (verb.Has(VerbFlags.NeedsAccount) && settings.RequiresAuthentication && conversation.Facts.Account is null)
            return Outcome.Mistake(ReplyCatalogue.AuthenticationRequired);
        if (verb.Has(VerbFlags.NeedsNoTransaction) && conversation.Transaction is not null)
            return Outcome.Mistake(ReplyCatalogue.NestedMail);
        if (verb.Has(VerbFlags.NeedsTransaction) && conversation.Transaction is null)
            return conversation.MailRefused ? Outcome.Say(ReplyCatalogue.MailFirst) : Outcome.Mistake(ReplyCatalogue.MailFirst);
        if (verb.Has(VerbFlags.BeforeChunks) && conversation.Transaction is { HasChunks: true })
            return Outcome.Mistake(ReplyCatalogue.ChunksOnly);

        var argument = Argument(line);
        return verb.Has(VerbFlags.NoArgument) && !argument.IsEmpty
            ? Outcome.Mistake(ReplyCatalogue.NoArgumentAllowed)
            : verb.Run(argument, conversation);
    }

    // True when there is a step to give.
    private bool Receive(Span<byte> input, IBufferWriter<byte> replies, ref int consumed, out Step step)
    {
        var start = consumed;
        var ended = message!.Receive(input, out var content, out var taken);
        consumed += taken;
        if (content > 0)
        {
            step = new Step(StepKind.Body, consumed) { BodyStart = start, BodyLength = content };
            return true;
        }
        if (!ended)
        {
            // Of a refused body everything up to its end goes in one call, and the end in the next.
            step = NeedInput(consumed);
            return taken == 0;
        }

        receiving = false;
        if (message.Refusal is { } refusal)
        {
            IsInMessage = false;
            conversation.Refusal = refusal;
            conversation.DropTransaction();
            conversation.MailRefused = !message.IsLast;
            return Settle(Outcome.Refuse(refusal), replies, consumed, out step);
        }
        if (!message.IsLast)
            return Settle(Outcome.Say(ReplyCatalogue.ChunkTaken.With(message.ChunkLength.ToString(CultureInfo.InvariantCulture))), replies, consumed, out step);
        step = Ask(new EndOfMessageQuestion(conversation.Transaction!.ToEnvelope(), message.Facts), MessageTaken, consumed);
        return true;
    }

    internal static Outcome Connected(in Answer answer, Conversation asked)
    {
        if (answer.IsAccepted && !asked.Settings.TakesNoMail)
            return Outcome.Say(answer.Reply is { Code: 220 } own ? own : asked.Settings.Replies.Greeting);
        asked.IsRefused = true;
        return Outcome.Refuse(answer.IsAccepted ? asked.Settings.Replies.TakesNoMail : answer.Reply!);
    }

    // RFC 5321 §4.1.1.4: accepted or not, the end of the message ends the transaction.
    private Outcome MessageTaken(in Answer answer, Conversation asked)
    {
        IsInMessage = false;
        asked.DropTransaction();
        if (!answer.IsAccepted)
            return Outcome.Refuse(answer.Reply!);
        asked.Forgive();
        return Outcome.Say(answer.Reply ?? ReplyCatalogue.MessageAccepted);
    }

    // Does what the outcome says; true when the session then waits or ends.
    private bool Settle(in Outcome outcome, IBufferWriter<byte> replies, int consumed, out Step step)
    {
        step = default;
        if (outcome.Octets > 0 && outcome.Kind != OutcomeKind.Chunk)
        {
            skipped = outcome;
            return false;
        }
        // RSET and EHLO forget a message whose chunks have begun to come.
        IsInMessage &= conversation.Transaction is not null;
        switch (outcome.Kind)
        {
            case OutcomeKind.Ask:
                step = Ask(outcome.Question!, outcome.Taker!, consumed);
                return true;
            case OutcomeKind.Mistake when ++conversation.Errors >= settings.Limits.Errors:
                step = CloseWith(settings.Replies.TooManyErrors, replies) with { Consumed = consumed };
                return true;
            case OutcomeKind.Close:
                step = CloseWith(outcome.Reply!, replies) with { Consumed = consumed };
                return true;
            case OutcomeKind.ReadLine:
                dialogue = outcome.LineTaker;
                break;
            case OutcomeKind.UpgradeTls:
                outcome.Reply!.WriteTo(replies);
                upgrading = true;
                step = new Step(StepKind.UpgradeTls, consumed);
                return true;
            case OutcomeKind.Turn:
                outcome.Reply!.WriteTo(replies);
                closed = true;
                step = new Step(StepKind.Turn, consumed);
                return true;
            case OutcomeKind.Body:
                BeginMessage();
                receiving = true;
                break;
            case OutcomeKind.Chunk:
                if (!IsInMessage)
                    BeginMessage();
                message!.BeginChunk(outcome.Octets, outcome.IsLast);
                receiving = true;
                return false;
        }
        outcome.Reply!.WriteTo(replies);
        return false;
    }

    private void BeginMessage()
    {
        message ??= new MessageReceiver(settings);
        message.Begin(conversation.Transaction!.Body);
        IsInMessage = true;
    }

    private Step Ask(Question question, AnswerTaker answerTaker, int consumed)
    {
        taker = answerTaker;
        return new Step(StepKind.Ask, consumed) { Question = question };
    }

    private Step CloseWith(Reply reply, IBufferWriter<byte> replies)
    {
        ArgumentNullException.ThrowIfNull(replies);
        if (!closed)
            reply.WriteTo(replies);
        if (!reply.IsPositive)
            conversation.Refusal = reply;
        closed = true;
        return new Step(StepKind.Close, 0);
    }

    private Step NeedInput(int consumed) =>
        new(StepKind.NeedInput, consumed) { Deadline = IsInMessage || skipped.Octets > 0 ? SessionDeadline.Body : SessionDeadline.Command };
}
