using Postrider.Hosting.Events;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.NullMx;

/// <summary>
/// Refuses recipients whose domain takes no mail, of those that would be passed on: the sender learns it at once instead of from a
/// bounce (RFC 7505 §4.1, RFC 7504 §4). Only recipients that are taken otherwise are asked for, and none that has a route of its own.
/// </summary>
internal sealed class NullMxRecipientHandler(
    NullMxRecords records, CurrentSettings settings, ReceptionLog log, IQuestionHandler<RecipientQuestion> next) : IQuestionHandler<RecipientQuestion>
{
    public async ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session)
    {
        var answer = await next.AnswerAsync(question, session);
        var mailbox = question.Recipient.Mailbox;
        if (!answer.IsAccepted || !settings.Value.RefusesNullMx || session.Policy.Routes.Find(mailbox) is not { IsDefault: true } || !await records.ConcernAsync(mailbox.Domain))
            return answer;
        log.RecipientRefused(question.ReversePath, mailbox, ReplyCatalogue.DomainTakesNoMail, session.Facts);
        return Answer.Refuse(ReplyCatalogue.DomainTakesNoMail);
    }
}
