using Postrider.Hosting.Reception;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Admission;

/// <summary>Asks the rates before the handler of RCPT, so that who guesses recipients is held up too.</summary>
internal sealed class RatedRecipientHandler(MailRates rates, IQuestionHandler<RecipientQuestion> next) : IQuestionHandler<RecipientQuestion>
{
    public ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session) =>
        rates.TakeRecipient(session.Facts) is { } refusal ? new(Answer.Refuse(refusal)) : next.AnswerAsync(question, session);
}
