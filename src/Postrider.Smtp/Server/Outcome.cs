using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>What the session does once a command or an answer has been dealt with.</summary>
internal enum OutcomeKind
{
    /// <summary>Give the reply.</summary>
    Say,

    /// <summary>Give the reply and count it as a mistake of the peer.</summary>
    Mistake,

    /// <summary>Give the reply and close.</summary>
    Close,

    /// <summary>Give the reply; content follows.</summary>
    Body,

    /// <summary>A chunk of the content follows; the reply comes behind it.</summary>
    Chunk,

    /// <summary>Put the question.</summary>
    Ask,

    /// <summary>Give the reply; the next line is not a command, but part of a dialogue.</summary>
    ReadLine,

    /// <summary>Give the reply; a TLS handshake follows.</summary>
    UpgradeTls,

    /// <summary>Give the reply; then the roles change.</summary>
    Turn,
}

/// <summary>Takes the answer to a question.</summary>
internal delegate Outcome AnswerTaker(in Answer answer, Conversation conversation);

/// <summary>Takes a line of a dialogue, or why there is none to take.</summary>
/// <param name="line">The line without CR LF.</param>
/// <param name="refusal">What is wrong with it as a line, or null.</param>
/// <param name="conversation">The session.</param>
internal delegate Outcome LineTaker(ReadOnlySpan<byte> line, Reply? refusal, Conversation conversation);

/// <summary>The result of a command or an answer: a reply, or a question and who takes its answer.</summary>
internal readonly struct Outcome
{
    private readonly Delegate? taker;

    private Outcome(OutcomeKind kind, Reply? reply, Question? question, Delegate? taker)
    {
        Kind = kind;
        Reply = reply;
        Question = question;
        this.taker = taker;
    }

    public OutcomeKind Kind { get; }

    /// <summary>The reply; there is one unless a question is put or a chunk follows.</summary>
    public Reply? Reply { get; }

    public Question? Question { get; }

    /// <summary>
    /// Octets that follow the command line: the chunk, or what is skipped before the reply is given, so that
    /// nothing in it is ever taken for a command.
    /// </summary>
    public long Octets { get; private init; }

    /// <summary>Whether the content ends with the chunk.</summary>
    public bool IsLast { get; private init; }

    /// <summary>Who takes the answer to the question.</summary>
    public AnswerTaker? Taker => taker as AnswerTaker;

    /// <summary>Who takes the next line.</summary>
    public LineTaker? LineTaker => taker as LineTaker;

    public static Outcome Say(Reply reply) => new(OutcomeKind.Say, reply, null, null);

    public static Outcome Mistake(Reply reply) => new(OutcomeKind.Mistake, reply, null, null);

    public static Outcome Close(Reply reply) => new(OutcomeKind.Close, reply, null, null);

    public static Outcome Body(Reply reply) => new(OutcomeKind.Body, reply, null, null);

    public static Outcome Chunk(long octets, bool isLast) => new(OutcomeKind.Chunk, null, null, null) { Octets = octets, IsLast = isLast };

    public static Outcome Ask(Question question, AnswerTaker taker) => new(OutcomeKind.Ask, null, question, taker);

    public static Outcome ReadLine(Reply reply, LineTaker taker) => new(OutcomeKind.ReadLine, reply, null, taker);

    public static Outcome UpgradeTls(Reply reply) => new(OutcomeKind.UpgradeTls, reply, null, null);

    public static Outcome Turn(Reply reply) => new(OutcomeKind.Turn, reply, null, null);

    /// <summary>The same once so many octets of input are skipped.</summary>
    public Outcome Behind(long octets) => this with { Octets = octets };

    /// <summary>A refusal by policy: said, and after 421 or 521 the connection is closed (RFC 5321 §3.8, RFC 7504).</summary>
    public static Outcome Refuse(Reply reply) => reply.Code is 421 or 521 ? Close(reply) : Say(reply);
}
