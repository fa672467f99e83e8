using Postrider.Delivery.People;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.People;

/// <summary>
/// VRFY: who is this (RFC 5321 §3.5.1)? An address, a local part, or words of a full name. Who may not ask, and whoever
/// asks of what only the delivery can tell, gets 252 (§3.5.3, §7.3).
/// </summary>
internal sealed class VerifyHandler : IQuestionHandler<VerifyQuestion>
{
    private const int MostChoices = 50;

    public ValueTask<Answer> AnswerAsync(VerifyQuestion question, ReceptionSession session) =>
        new(session.Policy.Asking.MayAsk(session.Facts) ? PeopleReplies.ToAnswer(Verify(question, session.Policy)) : Answer.Accept());

    private static Reply? Verify(VerifyQuestion question, ReceptionPolicy policy)
    {
        if (PeopleReplies.ReadAddress(question.Name) is { } address)
        {
            var mailboxes = policy.Routes.FindMailboxes(address);
            if (mailboxes is null)
                return policy.Routes.Find(address) is null ? ReplyCatalogue.NoSuchUser : null;
            return mailboxes.People?.Find(policy.Routes.WithDomain(address)) is { } entry ? Describe(entry, question.SmtpUtf8)
                : mailboxes.People is null or { TakesAnybody: true } ? null
                : ReplyCatalogue.NoSuchUser;
        }
        if (policy.People is not { } people)
            return null;
        return people.Search(question.Name, MostChoices + 1) switch
        {
            [] => people.TakesAnybody ? null : ReplyCatalogue.NoSuchUser,
            [var only] => Describe(only, question.SmtpUtf8),
            { Count: > MostChoices } => ReplyCatalogue.Ambiguous,
            var several => Choices(several, question.SmtpUtf8),
        };
    }

    private static Reply Describe(AddressEntry entry, bool smtpUtf8)
    {
        if (entry.Kind == AddressKind.Moved)
        {
            var to = entry.LeadsTo[0].Mailbox;
            return !smtpUtf8 && !to.IsAscii ? ReplyCatalogue.AnswerNotAscii
                : (entry.IsForwarded ? ReplyCatalogue.WillForward : ReplyCatalogue.UserMoved).With(to.ToString());
        }
        return PeopleReplies.Line(entry.Name, smtpUtf8) is { } line ? ReplyCatalogue.Verified.With(line) : ReplyCatalogue.AnswerNotAscii;
    }

    private static Reply Choices(IEnumerable<AddressEntry> entries, bool smtpUtf8)
    {
        var lines = entries.Select(entry => PeopleReplies.Line(entry.Name, smtpUtf8)).ToList();
        return lines.Contains(null) ? ReplyCatalogue.Ambiguous : ReplyCatalogue.AmbiguousAmong(lines!);
    }
}
