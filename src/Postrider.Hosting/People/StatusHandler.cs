using System.Globalization;
using Postrider.Hosting.Reception;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.People;

/// <summary>HELP STATUS: 211 with the state of the server for those who may ask (RFC 5321 §4.2.3); for all others there is no such topic.</summary>
internal sealed class StatusHandler(MailQueue queue, TimeProvider time) : IQuestionHandler<StatusQuestion>
{
    private readonly DateTimeOffset started = time.GetUtcNow();

    public ValueTask<Answer> AnswerAsync(StatusQuestion question, ReceptionSession session)
    {
        if (!session.Policy.Asking.MayAsk(session.Facts))
            return new(Answer.Accept());
        var counts = queue.Counts;
        return new(Answer.Accept(ReplyCatalogue.Status(
        [
            string.Create(CultureInfo.InvariantCulture, $"{session.Policy.Hostname} has been up since {started:yyyy-MM-dd HH:mm:ss} UTC"),
            string.Create(CultureInfo.InvariantCulture, $"Queued: {counts.Entries} ({counts.Leased} being tried, {counts.Held} held)"),
            queue.CanAccept(0) == Queue.Spool.SpoolFault.None ? "Mail is accepted" : "Mail is not accepted: there is no room for it",
        ])));
    }
}
