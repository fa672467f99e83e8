using Postrider.Hosting.Events;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>The body is about to come: is there room for it?</summary>
internal sealed class StartOfMessageHandler(MailQueue queue, ReceptionLog log) : IQuestionHandler<StartOfMessageQuestion>
{
    public ValueTask<Answer> AnswerAsync(StartOfMessageQuestion question, ReceptionSession session)
    {
        if (StorageReplies.For(queue.CanAccept(session.DeclaredSize)) is { } refusal)
        {
            log.SenderRefused(question.Envelope.ReversePath, refusal, session.Facts);
            return new(Answer.Refuse(refusal));
        }
        session.Message = new IncomingMessage(queue.NewId(), queue.CreateBody(), session.Policy.ReceivedFields, session.MendsFields);
        return new(Answer.Accept());
    }
}
