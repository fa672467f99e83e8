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
        if (StorageReplies.For(queue.CanAccept(session.DeclaredSize)) is { } refusal)
            return refusal;
        // What is kept until later holds its room for long: mail for now goes first.
        return question.Release is not null && queue.CanAccept(session.DeclaredSize + session.Policy.HoldReserve) != SpoolFault.None ? ReplyCatalogue.NoRoomToKeep : null;
    }
}
