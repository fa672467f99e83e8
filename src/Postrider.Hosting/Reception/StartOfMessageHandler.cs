using Postrider.Hosting.Events;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>The body is about to come: is there room for it? Where memory alone is short the client waits for those before it.</summary>
internal sealed class StartOfMessageHandler(MailQueue queue, ReceptionLog log, TimeProvider time) : IQuestionHandler<StartOfMessageQuestion>
{
    /// <summary>How long memory is waited for: a quarter of the time that a client waits for its 354 (RFC 5321 §4.5.3.2.4).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan step = TimeSpan.FromMilliseconds(200);

    public async ValueTask<Answer> AnswerAsync(StartOfMessageQuestion question, ReceptionSession session)
    {
        var fault = queue.CanAccept(session.DeclaredSize);
        for (var waited = TimeSpan.Zero; fault == SpoolFault.NoMemory && waited < Patience; waited += step)
        {
            await Task.Delay(step, time);
            fault = queue.CanAccept(session.DeclaredSize);
        }
        if (StorageReplies.For(fault) is { } refusal)
        {
            log.SenderRefused(question.Envelope.ReversePath, refusal, session.Facts);
            return Answer.Refuse(refusal);
        }
        session.Message = new IncomingMessage(queue.NewId(), queue.CreateBody(), session.Policy.ReceivedFields, session.MendsFields);
        return Answer.Accept();
    }
}
