using Postrider.Hosting.Reception;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>A user has given a proof: who is it, and if it was wrong, what does that cost?</summary>
internal sealed class ScramProofHandler(AccountStore accounts, LoginGuard guard, LoginLog log) : IQuestionHandler<ScramProofQuestion>
{
    public async ValueTask<Answer> AnswerAsync(ScramProofQuestion question, ReceptionSession session)
    {
        // An account that was removed meanwhile has no more password.
        if (!question.IsProven || !accounts.Current.TryFind(question.UserName, out var account) || account.Password is null || !ActsAs.Self(account, question.AuthorizationId))
            return await guard.FailAsync(session.Facts, question.Mechanism, question.UserName);
        if (LoginTerms.Refuse(account, question.Mechanism, session.Facts, log) is { } demand)
            return Answer.Refuse(demand);
        question.Account = account.Name;
        log.Succeeded(session.Facts, question.Mechanism, account.Name);
        return Answer.Accept();
    }
}
