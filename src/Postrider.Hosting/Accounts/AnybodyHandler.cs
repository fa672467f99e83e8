using Postrider.Hosting.Reception;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>The sandbox takes any login, so that an application needs no account to be tried. It knows nobody and forgets the password.</summary>
internal sealed class AnybodyHandler(LoginLog log) : IQuestionHandler<PasswordQuestion>, IQuestionHandler<TokenQuestion>
{
    public ValueTask<Answer> AnswerAsync(PasswordQuestion question, ReceptionSession session) => Welcome(question, session);

    public ValueTask<Answer> AnswerAsync(TokenQuestion question, ReceptionSession session) => Welcome(question, session);

    private ValueTask<Answer> Welcome(AuthenticationQuestion question, ReceptionSession session)
    {
        question.Account = question.UserName.Length == 0 ? "anybody" : question.UserName;
        log.Succeeded(session.Facts, question.Mechanism, LoginLog.Shown(question.Account));
        return new(Answer.Accept());
    }
}
