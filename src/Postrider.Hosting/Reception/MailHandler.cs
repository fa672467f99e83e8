using Postrider.Hosting.Events;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>A transaction begins: there must be room for what it announces (RFC 1870 §6.1).</summary>
internal sealed class MailHandler(MailQueue queue, ReceptionLog log) : IQuestionHandler<MailQuestion>
{
    public ValueTask<Answer> AnswerAsync(MailQuestion question, ReceptionSession session)
    {
        session.DeclaredSize = question.DeclaredSize ?? 0;
        if (Refuse(question, session) is not { } refusal)
            return new(Answer.Accept());
        log.SenderRefused(question.ReversePath, refusal, session.Facts);
        return new(Answer.Refuse(refusal));
    }

    private Reply? Refuse(MailQuestion question, ReceptionSession session)
    {
        // Memory is needed from DATA on.
        if (queue.CanAccept(session.DeclaredSize) is not SpoolFault.NoMemory and var fault && StorageReplies.For(fault) is { } refusal)
            return refusal;
        // What is kept until later holds its room for long: mail for now goes first.
        return question.Release is not null && queue.CanAccept(session.DeclaredSize + session.Policy.HoldReserve) is not (SpoolFault.None or SpoolFault.NoMemory) ? ReplyCatalogue.NoRoomToKeep : null;
    }
}
