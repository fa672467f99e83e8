using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>
/// DATA (RFC 5321 §4.1.1.4): the content follows, in lines, up to a line of one dot. What a client sent
/// ahead of the 354 is content where DATA was accepted, and commands where it was not (RFC 2920 §3.1).
/// </summary>
internal static class DataVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        var transaction = conversation.Transaction!;
        if (!transaction.RecipientTried)
            return Outcome.Mistake(ReplyCatalogue.RecipientFirst);
        if (transaction.RecipientCount == 0)
            return Outcome.Say(ReplyCatalogue.NoValidRecipients);
        // RFC 3030 §3: binary content goes by BDAT alone.
        if (transaction.Body == BodyType.BinaryMime)
            return Outcome.Mistake(ReplyCatalogue.BinaryTakesChunks);
        return Outcome.Ask(new StartOfMessageQuestion(transaction.ToEnvelope()), Answered);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted
            ? Outcome.Body(answer.Reply is { Code: 354 } own ? own : ReplyCatalogue.StartMailInput)
            : Outcome.Refuse(answer.Reply!);
}
