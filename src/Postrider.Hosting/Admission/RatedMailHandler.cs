using Postrider.Hosting.Reception;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Admission;

/// <summary>Asks the rates before the handler of MAIL.</summary>
internal sealed class RatedMailHandler(MailRates rates, IQuestionHandler<MailQuestion> next) : IQuestionHandler<MailQuestion>
{
    public ValueTask<Answer> AnswerAsync(MailQuestion question, ReceptionSession session) =>
        rates.TakeMessage(session.Facts) is { } refusal ? new(Answer.Refuse(refusal)) : next.AnswerAsync(question, session);
}
