using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>MAIL (RFC 5321 §4.1.1.2): begins a transaction.</summary>
internal static class MailVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation) => Begin(argument, conversation, DeliveryMode.Mailbox);

    /// <summary>The same for SEND, SOML and SAML, which differ in where the message goes alone (RFC 821 §3.4).</summary>
    internal static Outcome Begin(ReadOnlySpan<byte> argument, Conversation conversation, DeliveryMode mode)
    {
        var outcome = Read(argument, conversation, mode);
        conversation.MailRefused = outcome.Kind != OutcomeKind.Ask;
        return outcome;
    }

    private static Outcome Read(ReadOnlySpan<byte> argument, Conversation conversation, DeliveryMode mode)
    {
        if (!PathArgument.TakeLabel(ref argument, "FROM:"u8))
            return Outcome.Mistake(TerminalExtension.VerbOf(mode) is { } verb ? ReplyCatalogue.TerminalSyntax.With(verb) : ReplyCatalogue.MailSyntax);
        if (!AddressParser.TryParseReversePath(argument, PathArgument.Limits(conversation), out var path, out var length, out var error, conversation.Settings.DefaultDomain))
            return Outcome.Mistake((error.IsOfMailbox ? ReplyCatalogue.BadSenderMailbox : ReplyCatalogue.BadSender).With(error.ToString()));

        var transaction = new Transaction { ReversePath = path, Mode = mode };
        if (PathArgument.ReadParameters(argument[length..], "MAIL", conversation, transaction) is { } refusal)
            return refusal;
        if (path.Mailbox is { IsAscii: false } && !transaction.SmtpUtf8)
            return Outcome.Mistake(ReplyCatalogue.AddressNotAscii);

        conversation.Candidate = transaction;
        return Outcome.Ask(new MailQuestion(path, transaction.DeclaredSize) { Release = transaction.Release, DeliverBy = transaction.DeliverBy }, Answered);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation)
    {
        if (!answer.IsAccepted)
        {
            conversation.Candidate = null;
            conversation.MailRefused = true;
            return Outcome.Refuse(answer.Reply!);
        }
        conversation.Begin();
        return Outcome.Say(answer.Reply ?? conversation.Transaction!.Notice ?? ReplyCatalogue.SenderAccepted);
    }
}
