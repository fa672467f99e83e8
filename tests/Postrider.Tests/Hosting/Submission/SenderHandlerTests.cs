using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Hosting.Events;
using Postrider.Hosting.Reception;
using Postrider.Hosting.Submission;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Server;
using Postrider.Tests.Hosting.Accounts;

namespace Postrider.Tests.Hosting.Submission;

public sealed class SenderHandlerTests
{
    [Theory]
    [InlineData("tim@example.org", "tim@example.org", true)]
    [InlineData("tim@example.org", "", true)]
    [InlineData("tim@example.org", "tom@example.org", false)]
    [InlineData("app", "anything@example.net", true)]
    [InlineData("app", "app@local.example", false)]
    [InlineData("removed", "removed@local.example", false)]
    [InlineData(null, "anybody@example.com", true)]
    public async Task An_account_uses_its_own_senders(string? account, string sender, bool allowed)
    {
        using var rig = new LoginRig();
        var handler = new SenderHandler(rig.Store, new ReceptionLog(NullLogger<ReceptionLog>.Instance), new Yes());
        var session = new ReceptionSession(rig.Settings.Policy) { Facts = new SessionFacts { Account = account } };
        var path = sender.Length == 0 ? ReversePath.Null : new ReversePath(new Mailbox(sender.Split('@')[0], sender.Split('@')[1]));
        var answer = await handler.AnswerAsync(new MailQuestion(path, null), session);
        Assert.Equal(allowed, answer.IsAccepted);
        if (!allowed)
            Assert.StartsWith("553 5.7.1", answer.Reply!.ToString(), StringComparison.Ordinal);
    }

    private sealed class Yes : IQuestionHandler<MailQuestion>
    {
        public ValueTask<Answer> AnswerAsync(MailQuestion question, ReceptionSession session) => new(Answer.Accept());
    }
}
