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
            return Outcome.Mistake((error.IsOfMailbox ? ReplyCatalogue.BadRecipientMailbox : ReplyCatalogue.BadRecipient).With(error.ToString()));
        if (!mailbox.IsAscii && !transaction.SmtpUtf8)
            return Outcome.Mistake(ReplyCatalogue.AddressNotAscii);

        transaction.Candidate = new EnvelopeRecipient(mailbox);
        if (PathArgument.ReadParameters(argument[length..], "RCPT", conversation, transaction) is { } refusal)
            return refusal;
        var limits = conversation.Settings.Limits;
        if (transaction.RecipientCount >= limits.Recipients || (transaction.RecipientCount > 0 && conversation.RefusedRecipients >= limits.RefusedRecipients))
            return Outcome.Say(conversation.Refusal = ReplyCatalogue.TooManyRecipients);

        return Outcome.Ask(new RecipientQuestion(transaction.ReversePath, transaction.Candidate) { Mode = transaction.Mode }, Answered);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation)
    {
        if (!answer.IsAccepted)
        {
            if (!answer.Reply!.IsPermanentFailure || ++conversation.RefusedRecipients < conversation.Settings.Limits.RefusedRecipients)
                return Outcome.Refuse(answer.Reply);
            // A list may have many members that are gone: whoever has mail for others may send that first.
            return conversation.Transaction!.RecipientCount > 0 ? Outcome.Refuse(answer.Reply) : Outcome.Close(conversation.Settings.Replies.TooManyRefusedRecipients);
        }
        conversation.Transaction!.AddCandidate();
        return Outcome.Say(answer.Reply ?? ReplyCatalogue.RecipientAccepted);
    }
}
