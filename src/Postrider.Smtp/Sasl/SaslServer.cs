using System.Text;
using System.Text.Unicode;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Sasl;

/// <summary>What the server's side of an exchange wants next.</summary>
internal enum SaslTurnKind
{
    /// <summary>Send a challenge and read a response.</summary>
    Challenge,

    /// <summary>Put a question to policy.</summary>
    Ask,

    /// <summary>The peer is who it says it is.</summary>
    Success,

    /// <summary>It is not, or its response is none of the mechanism.</summary>
    Failure,
}

/// <summary>A turn of the server's side of an exchange.</summary>
internal readonly struct SaslTurn
{
    private SaslTurn(SaslTurnKind kind, byte[]? challenge, Question? question, string? account, Reply? reply) =>
        (Kind, this.Challenge, this.Question, Account, this.Reply) = (kind, challenge, question, account, reply);

    public SaslTurnKind Kind { get; }

    public byte[]? Challenge { get; }

    public Question? Question { get; }

    public string? Account { get; }

    public Reply? Reply { get; }

    public static SaslTurn Send(byte[] challenge) => new(SaslTurnKind.Challenge, challenge, null, null, null);

    public static SaslTurn Ask(Question question) => new(SaslTurnKind.Ask, null, question, null, null);

    public static SaslTurn Succeed(string account) => new(SaslTurnKind.Success, null, null, account, null);

    public static SaslTurn Fail(Reply reply) => new(SaslTurnKind.Failure, null, null, null, reply);

    /// <summary>The response is none of this mechanism.</summary>
    public static SaslTurn Malformed { get; } = Fail(ReplyCatalogue.AuthMalformed);
}

/// <summary>The server's side of one SASL exchange (RFC 4422): takes responses and answers, gives turns.</summary>
internal abstract class SaslServer
{
    /// <summary>The first challenge, where the client gave no initial response.</summary>
    public virtual byte[] FirstChallenge => [];

    /// <summary>Begins where the client gave no initial response.</summary>
    public virtual SaslTurn Begin() => SaslTurn.Send(FirstChallenge);

    /// <summary>Takes a response.</summary>
    public abstract SaslTurn Respond(ReadOnlySpan<byte> response);

    /// <summary>Policy has accepted what was asked last.</summary>
    public virtual SaslTurn Accepted(Question question) =>
        question is AuthenticationQuestion { Account: { } account }
            ? SaslTurn.Succeed(account)
            : throw new InvalidOperationException($"{question.GetType().Name} was accepted without an account.");

    /// <summary>Policy has refused what was asked last.</summary>
    public virtual SaslTurn Refused(Question question, Reply reply) => SaslTurn.Fail(reply);

    /// <summary>The text of a response; null where it is not UTF-8.</summary>
    protected static string? Text(ReadOnlySpan<byte> response) =>
        Utf8.IsValid(response) ? Encoding.UTF8.GetString(response) : null;
}
