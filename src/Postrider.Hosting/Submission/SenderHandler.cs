using Postrider.Hosting.Accounts;
using Postrider.Hosting.Events;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Submission;

/// <summary>Asks before the handler of MAIL whether the account may use the sender (RFC 6409 §6.1). The null sender is everybody's.</summary>
internal sealed class SenderHandler(AccountStore accounts, ReceptionLog log, IQuestionHandler<MailQuestion> next) : IQuestionHandler<MailQuestion>
{
    public ValueTask<Answer> AnswerAsync(MailQuestion question, ReceptionSession session)
    {
        if (Refuse(question, session) is not { } refusal)
            return next.AnswerAsync(question, session);
        log.SenderRefused(question.ReversePath, refusal, session.Facts);
        return new(Answer.Refuse(refusal));
    }

    private Reply? Refuse(MailQuestion question, ReceptionSession session)
    {
        if (session.Facts.Account is not { } name || question.ReversePath.Mailbox is not { } sender)
            return null;
        // An account that was removed after its login may send no more.
        if (!accounts.Current.TryFind(name, out var account))
            return ReplyCatalogue.SenderNotAllowed;
        bool IsServed(Mailbox mailbox) => session.Policy.Routes.Find(mailbox) is { IsDefault: false };
        if (!account.MaySendAs(sender, IsServed))
            return ReplyCatalogue.SenderNotAllowed;
        return HostNames.IsQualified(sender.Domain) || IsServed(sender) ? null : ReplyCatalogue.SenderNotQualified;
    }
}
