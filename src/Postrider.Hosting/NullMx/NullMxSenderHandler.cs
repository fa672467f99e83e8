using Postrider.Hosting.Events;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.NullMx;

/// <summary>Refuses senders whose domain takes no mail: nobody could answer them, and no report would arrive (RFC 7505 §4.2).</summary>
internal sealed class NullMxSenderHandler(
    NullMxRecords records, CurrentSettings settings, ReceptionLog log, IQuestionHandler<MailQuestion> next) : IQuestionHandler<MailQuestion>
{
    public async ValueTask<Answer> AnswerAsync(MailQuestion question, ReceptionSession session)
    {
        var answer = await next.AnswerAsync(question, session);
        if (!answer.IsAccepted || !settings.Value.RefusesNullMx || question.ReversePath.Mailbox is not { } sender
            || session.Policy.Routes.Find(sender) is { IsDefault: false } || !await records.ConcernAsync(sender.Domain))
            return answer;
        log.SenderRefused(question.ReversePath, ReplyCatalogue.SenderTakesNoMail, session.Facts);
        return Answer.Refuse(ReplyCatalogue.SenderTakesNoMail);
    }
}
