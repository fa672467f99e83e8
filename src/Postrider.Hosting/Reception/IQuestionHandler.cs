using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>Answers one kind of question of a session. One instance serves all sessions.</summary>
/// <typeparam name="TQuestion">The question.</typeparam>
internal interface IQuestionHandler<in TQuestion>
    where TQuestion : Question
{
    /// <summary>Answers it.</summary>
    ValueTask<Answer> AnswerAsync(TQuestion question, ReceptionSession session);
}
