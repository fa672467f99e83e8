using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>VRFY (RFC 5321 §4.1.1.6): policy says what is known of a name; of itself the server says 252 (§3.5.3).</summary>
internal static class VrfyVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation) =>
        NameArgument.Read(argument, "VRFY", conversation, ReplyCatalogue.VerifyNeedsName, out var name, out var smtpUtf8) is { } refusal
            ? Outcome.Mistake(refusal)
            : Outcome.Ask(new VerifyQuestion(name, smtpUtf8), Answered);

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted ? Outcome.Say(answer.Reply ?? ReplyCatalogue.CannotVerify) : Outcome.Refuse(answer.Reply!);
}
