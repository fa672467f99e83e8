using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>Which handler answers which question: one line for each.</summary>
internal sealed class QuestionHandlers
{
    private readonly Dictionary<Type, Func<Question, ReceptionSession, ValueTask<Answer>>> handlers = [];

    /// <summary>Registers the handler of a question. The second one for the same question is a mistake of the program.</summary>
    /// <exception cref="ArgumentException">The question has a handler already.</exception>
    public QuestionHandlers Add<TQuestion>(IQuestionHandler<TQuestion> handler)
        where TQuestion : Question
    {
        handlers.Add(typeof(TQuestion), (question, session) => handler.AnswerAsync((TQuestion)question, session));
        return this;
    }

    /// <summary>Answers a question.</summary>
    /// <exception cref="InvalidOperationException">Nobody answers questions of this kind.</exception>
    public ValueTask<Answer> AnswerAsync(Question question, ReceptionSession session) =>
        handlers.TryGetValue(question.GetType(), out var handler)
            ? handler(question, session)
            : throw new InvalidOperationException($"No handler is registered for {question.GetType().Name}.");
}
