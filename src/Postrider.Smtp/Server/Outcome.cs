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

    /// <summary>Put the question.</summary>
    Ask,
}

/// <summary>Takes the answer to a question.</summary>
internal delegate Outcome AnswerTaker(in Answer answer, Conversation conversation);

/// <summary>The result of a command or an answer: a reply, or a question and who takes its answer.</summary>
internal readonly struct Outcome
{
    private Outcome(OutcomeKind kind, Reply? reply, Question? question, AnswerTaker? taker)
    {
        Kind = kind;
        Reply = reply;
        Question = question;
        Taker = taker;
    }

    public OutcomeKind Kind { get; }

    /// <summary>The reply; there is one unless a question is put.</summary>
    public Reply? Reply { get; }

    public Question? Question { get; }

    public AnswerTaker? Taker { get; }

    public static Outcome Say(Reply reply) => new(OutcomeKind.Say, reply, null, null);

    public static Outcome Mistake(Reply reply) => new(OutcomeKind.Mistake, reply, null, null);

    public static Outcome Close(Reply reply) => new(OutcomeKind.Close, reply, null, null);

    public static Outcome Body(Reply reply) => new(OutcomeKind.Body, reply, null, null);

    public static Outcome Ask(Question question, AnswerTaker taker) => new(OutcomeKind.Ask, null, question, taker);

    /// <summary>A refusal by policy: said, and after 421 or 521 the connection is closed (RFC 5321 §3.8, RFC 7504).</summary>
    public static Outcome Refuse(Reply reply) => reply.Code is 421 or 521 ? Close(reply) : Say(reply);
}
