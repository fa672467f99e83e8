using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Transport.Listening;

/// <summary>
/// Policy and storage behind one server session. The pump calls one method at a time; disposing of
/// the handler ends it, with whatever message was under way.
/// </summary>
public interface IServerSessionHandler : IAsyncDisposable
{
    /// <summary>Answers a question of the session. The question object is valid until the answer is given.</summary>
    /// <remarks>After an accepted <see cref="EndOfMessageQuestion"/> the message is on stable storage.</remarks>
    ValueTask<Answer> AnswerAsync(Question question, SessionFacts facts, CancellationToken cancellationToken);

    /// <summary>Takes a slice of the body, which is valid during the call.</summary>
    /// <returns>Null to go on, or the reply to give at the end of the body, the rest of which is skipped.</returns>
    ValueTask<Reply?> WriteBodyAsync(ReadOnlyMemory<byte> slice, CancellationToken cancellationToken);

    /// <summary>
    /// Speaks as the client on a connection whose roles have changed, after an accepted <see cref="TurnQuestion"/>. It is closed when this ends;
    /// a handler that accepts no such question need not have this.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">The connection is being cut off: give up.</param>
    ValueTask TurnAsync(TurnedConnection connection, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>The message under way is forgotten: refused by the session at its end, or cut off.</summary>
    ValueTask AbandonMessageAsync();
}
