using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>VRFY: who has a mailbox here is not told; 252 (RFC 5321 §3.5.3, §7.3).</summary>
internal sealed class VerifyHandler : IQuestionHandler<VerifyQuestion>
{
    public ValueTask<Answer> AnswerAsync(VerifyQuestion question, ReceptionSession session) => new(Answer.Accept());
}
