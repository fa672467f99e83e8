using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>A peer has connected: everybody is served, and what they may do is asked later.</summary>
internal sealed class ConnectHandler : IQuestionHandler<ConnectQuestion>
{
    public ValueTask<Answer> AnswerAsync(ConnectQuestion question, ReceptionSession session) => new(Answer.Accept());
}
