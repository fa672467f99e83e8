using Postrider.Hosting.Accounts;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Tokens;

/// <summary>
/// Is this a token of our issuer, for us, and whose? The account that it names must be one of ours: an issuer may
/// know more people than are to send mail here.
/// </summary>
internal sealed class TokenHandler(TokenOptions options, IssuerKeys keys, AccountStore accounts, LoginGuard guard, LoginLog log, TimeProvider time) : IQuestionHandler<TokenQuestion>
{
    public async ValueTask<Answer> AnswerAsync(TokenQuestion question, ReceptionSession session)
    {
        if (guard.Refuse(session.Facts, question.UserName) is { } refusal)
            return Answer.Refuse(refusal);
        question.Discovery = keys.Discovery;
        if (!WebToken.TryParse(question.Token, out var token))
            return await guard.FailAsync(session.Facts, question.Mechanism, question.UserName);
        if (await keys.ForAsync(token.KeyId) is not { } known)
            return Answer.Refuse(ReplyCatalogue.AuthUnavailable);
        if (!token.IsSignedBy(known)
            || token.AccountFor(options, time.GetUtcNow()) is not { } name
            || !accounts.Current.TryFind(name, out var account)
            || (question.UserName.Length > 0 && !ActsAs.Self(account, question.UserName)))
        {
            return await guard.FailAsync(session.Facts, question.Mechanism, question.UserName);
        }
        if (LoginTerms.Refuse(account, question.Mechanism, session.Facts, log) is { } demand)
            return Answer.Refuse(demand);
        question.Account = account.Name;
        log.Succeeded(session.Facts, question.Mechanism, account.Name);
        return Answer.Accept();
    }
}
