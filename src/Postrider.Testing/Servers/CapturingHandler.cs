using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Testing.Servers;

/// <summary>Keeps the messages of one session of an <see cref="SmtpTestServer"/>.</summary>
internal sealed class CapturingHandler(SmtpTestServer server) : IServerSessionHandler
{
    private readonly MemoryStream content = new();

    public async ValueTask<Answer> AnswerAsync(Question question, SessionFacts facts, CancellationToken cancellationToken)
    {
        if (question is StartOfMessageQuestion)
            content.SetLength(0);
        var answer = server.Policy is { } policy ? await policy(question, facts) : Answer.Accept();
        if (question is EndOfMessageQuestion end && answer.IsAccepted)
            server.Take(new ReceivedMail(end.Envelope, content.ToArray(), end.Content, facts));
        return answer;
    }

    public ValueTask<Reply?> WriteBodyAsync(ReadOnlyMemory<byte> slice, CancellationToken cancellationToken)
    {
        content.Write(slice.Span);
        return default;
    }

    public ValueTask AbandonMessageAsync()
    {
        content.SetLength(0);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => content.DisposeAsync();
}
