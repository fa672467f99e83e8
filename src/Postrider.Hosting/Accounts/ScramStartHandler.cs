using System.Security.Cryptography;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>What does this user have to prove? One that is not there gets a salt like any other.</summary>
internal sealed class ScramStartHandler(AccountStore accounts, FakeVerifiers fakes, LoginGuard guard) : IQuestionHandler<ScramStartQuestion>
{
    private const int NonceSize = 18;

    public ValueTask<Answer> AnswerAsync(ScramStartQuestion question, ReceptionSession session)
    {
        if (guard.Refuse(session.Facts, question.UserName) is { } refusal)
            return new(Answer.Refuse(refusal));
        accounts.Current.TryFind(question.UserName, out var account);
        question.Verifier = account?.Password ?? fakes.For(question.UserName);
        question.Nonce = RandomNumberGenerator.GetBytes(NonceSize);
        return new(Answer.Accept());
    }
}
