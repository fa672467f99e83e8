using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;
using static Postrider.Smtp.Server.Verbs.VerbFlags;

namespace Postrider.Smtp.Extensions;

/// <summary>EXPN: who is on this list? An acceptance without a reply gives 252 (RFC 5321 §7.3).</summary>
/// <param name="Name">The argument as it came, the parameter taken off.</param>
/// <param name="SmtpUtf8">Whether the answer may hold UTF-8 (RFC 6531 §3.7.4.2).</param>
public sealed record ExpandQuestion(string Name, bool SmtpUtf8) : Question;

/// <summary>EXPN (RFC 5321 §4.1.1.7): policy names the members of a list. A keyword of EHLO for the peers that are told.</summary>
public sealed class ExpandExtension : SmtpExtension
{
    private readonly Func<SessionFacts, bool> mayAsk;

    /// <summary>Answers it, and lists it to those who may ask.</summary>
    /// <param name="mayAsk">Whether a peer may; any thread, at once.</param>
    public ExpandExtension(Func<SessionFacts, bool> mayAsk)
        : base("EXPN") => this.mayAsk = mayAsk;

    internal override IReadOnlyList<Verb> Verbs { get; } =
        [new("EXPN", Idle | NeedsAccount, "EXPN list [SMTPUTF8]", "RFC 5321 section 4.1.1.7", Run)];

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => mayAsk(facts) ? Keyword : null;

    private static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation) =>
        NameArgument.Read(argument, "EXPN", conversation, ReplyCatalogue.ExpandNeedsName, out var name, out var smtpUtf8) is { } refusal
            ? Outcome.Mistake(refusal)
            : Outcome.Ask(new ExpandQuestion(name, smtpUtf8), Answered);

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted ? Outcome.Say(answer.Reply ?? ReplyCatalogue.CannotExpand) : Outcome.Refuse(answer.Reply!);
}
