using Postrider.Hosting.Reception;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Admission;

/// <summary>
/// Answers late where one recipient after the other is refused: who tries names pays with time, and a list of which some
/// are gone hardly notices. Clients that are exempt or have logged in are known, and not slowed.
/// </summary>
internal sealed class SlowedRecipientHandler(CurrentSettings settings, TimeProvider time, IQuestionHandler<RecipientQuestion> next) : IQuestionHandler<RecipientQuestion>
{
    /// <summary>Refusals that are answered at once, as Postfix has it (smtpd_soft_error_limit).</summary>
    public const int AtOnce = 10;

    /// <summary>How late each further one is answered.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    public async ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session)
    {
        var answer = await next.AnswerAsync(question, session);
        if (answer.Reply is { IsPermanentFailure: true }
            && ++session.RefusedRecipients > AtOnce
            && session.Facts.Account is null
            && !settings.Value.Admission.IsExempt(session.Facts.PeerAddress))
        {
            await Task.Delay(Delay, time);
        }
        return answer;
    }
}
