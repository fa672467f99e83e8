using System.Text;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

/// <summary>A handler that does as the test says, and checks that the pump keeps to its side of the contract.</summary>
internal sealed class RecordingHandler : IServerSessionHandler
{
    private bool busy;

    public Func<Question, ValueTask<Answer>> OnQuestion { get; set; } = _ => new(Answer.Accept());

    public Func<ReadOnlyMemory<byte>, ValueTask<Reply?>> OnBody { get; set; } = _ => default;

    public Func<ValueTask> OnAbandon { get; set; } = () => ValueTask.CompletedTask;

    public Func<TurnedConnection, CancellationToken, ValueTask> OnTurn { get; set; } = (_, _) => throw new InvalidOperationException("Nobody expected a change of roles.");

    public List<string> Accepted { get; } = [];

    public StringBuilder Body { get; } = new();

    public int Slices { get; private set; }

    public int Abandoned { get; private set; }

    public int Disposed { get; private set; }

    public bool IsInMessage { get; private set; }

    public CancellationToken Token { get; private set; }

    public async ValueTask<Answer> AnswerAsync(Question question, SessionFacts facts, CancellationToken cancellationToken)
    {
        Enter();
        Token = cancellationToken;
        try
        {
            var answer = await OnQuestion(question);
            if (question is StartOfMessageQuestion)
            {
                Assert.False(IsInMessage, "A message began within a message.");
                IsInMessage = answer.IsAccepted;
                Body.Clear();
            }
            if (question is EndOfMessageQuestion)
            {
                Assert.True(IsInMessage, "A message ended that had not begun.");
                IsInMessage = false;
                if (answer.IsAccepted)
                    Accepted.Add(Body.ToString());
            }
            return answer;
        }
        finally
        {
            busy = false;
        }
    }

    public async ValueTask<Reply?> WriteBodyAsync(ReadOnlyMemory<byte> slice, CancellationToken cancellationToken)
    {
        Enter();
        Assert.True(IsInMessage, "A body came without a message.");
        Assert.NotEqual(0, slice.Length);
        try
        {
            Slices++;
            Body.Append(Encoding.Latin1.GetString(slice.Span));
            return await OnBody(slice);
        }
        finally
        {
            busy = false;
        }
    }

    public async ValueTask TurnAsync(TurnedConnection connection, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            await OnTurn(connection, cancellationToken);
        }
        finally
        {
            busy = false;
        }
    }

    public async ValueTask AbandonMessageAsync()
    {
        Enter();
        Abandoned++;
        IsInMessage = false;
        busy = false;
        await OnAbandon();
    }

    public ValueTask DisposeAsync()
    {
        Enter();
        busy = false;
        Disposed++;
        return ValueTask.CompletedTask;
    }

    private void Enter()
    {
        Assert.False(busy, "The pump called while a call was under way.");
        Assert.Equal(0, Disposed);
        busy = true;
    }
}
