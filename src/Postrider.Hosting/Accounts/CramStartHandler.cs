using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>The challenge of CRAM-MD5: random digits and the time, so that none is ever given twice (RFC 2195 §2).</summary>
internal sealed class CramStartHandler(LoginGuard guard, TimeProvider time) : IQuestionHandler<CramStartQuestion>
{
    private const int NonceSize = 16;

    public ValueTask<Answer> AnswerAsync(CramStartQuestion question, ReceptionSession session)
    {
        if (guard.Refuse(session.Facts, "") is { } refusal)
            return new(Answer.Refuse(refusal));
        var digits = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceSize));
        question.Challenge = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<{digits}.{time.GetUtcNow().ToUnixTimeSeconds()}@{session.Policy.Hostname}>"));
        return new(Answer.Accept());
    }
}
