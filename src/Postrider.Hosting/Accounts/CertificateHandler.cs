using Postrider.Hosting.Reception;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>Which account does this certificate stand for? One that names its fingerprint.</summary>
internal sealed class CertificateHandler(AccountStore accounts, LoginGuard guard, LoginLog log) : IQuestionHandler<CertificateQuestion>
{
    public async ValueTask<Answer> AnswerAsync(CertificateQuestion question, ReceptionSession session)
    {
        if (guard.Refuse(session.Facts, "") is { } refusal)
            return Answer.Refuse(refusal);
        if (!accounts.Current.TryFindCertificate(question.Certificate.Fingerprint, out var account) || !ActsAs.Self(account, question.AuthorizationId))
            return await guard.FailAsync(session.Facts, question.Mechanism, question.Certificate.Fingerprint);
        if (LoginTerms.Refuse(account, question.Mechanism, session.Facts, log) is { } demand)
            return Answer.Refuse(demand);
        question.Account = account.Name;
        log.Succeeded(session.Facts, question.Mechanism, account.Name);
        return Answer.Accept();
    }
}
