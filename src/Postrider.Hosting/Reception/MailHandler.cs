using Postrider.Hosting.Events;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>A transaction begins: there must be room for what it announces (RFC 1870 §6.1).</summary>
internal sealed class MailHandler(MailQueue queue, ReceptionLog log) : IQuestionHandler<MailQuestion>
{
    public ValueTask<Answer> AnswerAsync(MailQuestion question, ReceptionSession session)
    {
        session.DeclaredSize = question.DeclaredSize ?? 0;
        if (StorageReplies.For(queue.CanAccept(session.DeclaredSize)) is not { } refusal)
            return new(Answer.Accept());
        log.SenderRefused(question.ReversePath, refusal, session.Facts);
        return new(Answer.Refuse(refusal));
    }
}
