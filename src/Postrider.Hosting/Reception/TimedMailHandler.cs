using System.Globalization;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>Looks at the times of a MAIL that has some, before the handler of MAIL: what they count from, and whether there is that much of a future.</summary>
internal sealed class TimedMailHandler(TimeProvider time, IQuestionHandler<MailQuestion> next) : IQuestionHandler<MailQuestion>
{
    public ValueTask<Answer> AnswerAsync(MailQuestion question, ReceptionSession session)
    {
        if (question.Release is null && question.DeliverBy is null)
            return next.AnswerAsync(question, session);
        var now = session.TimesCountFrom = time.GetUtcNow();
        // RFC 4865: an interval has been compared with the limit by the extension already.
        return question.Release?.At is { } at && (at <= now || at > now + session.Policy.LongestHold)
            ? new(Answer.Refuse(ReplyCatalogue.ParameterValue.With(string.Create(
                CultureInfo.InvariantCulture,
                $"HOLDUNTIL takes a time to come, {FutureReleaseExtension.Format(now + session.Policy.LongestHold)} at the latest"))))
            : next.AnswerAsync(question, session);
    }
}
