using Postrider.Hosting.Reception;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>Does this digest prove the secret of an account for on-demand relay? One that is not there costs the same.</summary>
internal sealed class CramProofHandler(AccountStore accounts, LoginGuard guard, LoginLog log) : IQuestionHandler<CramProofQuestion>
{
    // Nobody's: a name that is not there is compared with it, and refused in any case.
    private const string NoSecret = "no such account";

    public async ValueTask<Answer> AnswerAsync(CramProofQuestion question, ReceptionSession session)
    {
        if (guard.Refuse(session.Facts, question.UserName) is { } refusal)
            return Answer.Refuse(refusal);
        accounts.Current.TryFindForRelay(question.UserName, out var account);
        if (!question.IsProvenBy(account?.RelaySecret ?? NoSecret) || account is null)
            return await guard.FailAsync(session.Facts, question.Mechanism, question.UserName);
        question.Account = account.Name;
        log.Succeeded(session.Facts, question.Mechanism, account.Name);
        return Answer.Accept();
    }
}
