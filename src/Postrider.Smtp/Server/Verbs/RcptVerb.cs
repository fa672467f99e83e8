using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>RCPT (RFC 5321 §4.1.1.3): adds a recipient to the transaction.</summary>
internal static class RcptVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        var transaction = conversation.Transaction!;
        transaction.RecipientTried = true;
        if (!PathArgument.TakeLabel(ref argument, "TO:"u8))
            return Outcome.Mistake(ReplyCatalogue.RecipientSyntax);
        if (!AddressParser.TryParseForwardPath(argument, PathArgument.Limits(conversation), out var mailbox, out var length, out var error, conversation.Settings.DefaultDomain))
            return Outcome.Mistake(ReplyCatalogue.BadRecipient.With(error.ToString()));
        if (!mailbox.IsAscii && !transaction.SmtpUtf8)
            return Outcome.Mistake(ReplyCatalogue.AddressNotAscii);

        transaction.Candidate = new EnvelopeRecipient(mailbox);
        if (PathArgument.ReadParameters(argument[length..], "RCPT", conversation, transaction) is { } refusal)
            return refusal;
        if (transaction.RecipientCount >= conversation.Settings.Limits.Recipients)
            return Outcome.Say(ReplyCatalogue.TooManyRecipients);

        return Outcome.Ask(new RecipientQuestion(transaction.ReversePath, transaction.Candidate) { Mode = transaction.Mode }, Answered);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation)
    {
        if (!answer.IsAccepted)
            return Outcome.Refuse(answer.Reply!);
        conversation.Transaction!.AddCandidate();
        return Outcome.Say(answer.Reply ?? ReplyCatalogue.RecipientAccepted);
    }
}
