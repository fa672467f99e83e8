using Postrider.Hosting.Fetching;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Hosting.Reception;

/// <summary>Reception behind one session: hands each question to its handler and the body to the message under way.</summary>
internal sealed class SessionHandler(QuestionHandlers handlers, ReceptionPolicy policy, TurnedDelivery? turned = null) : IServerSessionHandler
{
    private readonly ReceptionSession session = new(policy);

    public ValueTask<Answer> AnswerAsync(Question question, SessionFacts facts, CancellationToken cancellationToken)
    {
        session.Facts = facts;
        return handlers.AnswerAsync(question, session);
    }

    public ValueTask<Reply?> WriteBodyAsync(ReadOnlyMemory<byte> slice, CancellationToken cancellationToken) =>
        session.Message is { } message
            ? message.WriteAsync(slice, cancellationToken)
            : throw new InvalidOperationException("A body comes after an accepted start of message.");

    public ValueTask TurnAsync(TurnedConnection connection, CancellationToken cancellationToken) =>
        turned?.SendAsync(connection, session.Turning, session.Policy.Hostname, cancellationToken) ?? ValueTask.CompletedTask;

    public ValueTask AbandonMessageAsync() => session.AbandonMessageAsync();

    public ValueTask DisposeAsync() => session.AbandonMessageAsync();
}
