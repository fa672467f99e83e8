using Postrider.Hosting.Reception;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>Is this the user's password? A user that is not there costs as much time as one that is.</summary>
internal sealed class PasswordHandler(AccountStore accounts, FakeVerifiers fakes, PasswordWorkers workers, LoginGuard guard, LoginLog log) : IQuestionHandler<PasswordQuestion>
{
    public async ValueTask<Answer> AnswerAsync(PasswordQuestion question, ReceptionSession session)
    {
        if (guard.Refuse(session.Facts, question.UserName) is { } refusal)
            return Answer.Refuse(refusal);
        accounts.Current.TryFind(question.UserName, out var account);
        // What cannot be prepared is nobody's password; it is hashed all the same.
        var isPrepared = SaslPreparation.TryPrepare(question.Password, out var password);
        var verifier = account?.Password ?? fakes.For(question.UserName);
        var matches = await workers.MatchesAsync(verifier, password ?? question.Password);
        if (matches is null)
            return Answer.Refuse(ReplyCatalogue.TooManyLogins);
        if (account is null || !matches.Value || !isPrepared || !ActsAs.Self(account, question.AuthorizationId))
            return await guard.FailAsync(session.Facts, question.Mechanism, question.UserName);
        if (LoginTerms.Refuse(account, question.Mechanism, session.Facts, log) is { } demand)
            return Answer.Refuse(demand);
        question.Account = account.Name;
        log.Succeeded(session.Facts, question.Mechanism, account.Name);
        return Answer.Accept();
    }
}
