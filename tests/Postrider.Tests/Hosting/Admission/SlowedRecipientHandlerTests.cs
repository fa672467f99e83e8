using Postrider.Hosting.Admission;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Hosting.Admission;

public sealed class SlowedRecipientHandlerTests : IQuestionHandler<RecipientQuestion>
{
    private Answer inner = Answer.Refuse(new Reply(550, new(5, 1, 1), "No such user here"));

    [Theory]
    [InlineData("192.0.2.7", null, true)]
    [InlineData("192.0.2.7", "anna", false)]
    [InlineData("127.0.0.1", null, false)]
    public async Task Who_tries_one_recipient_after_the_other_waits_for_each(string peer, string? account, bool waits)
    {
        using var rig = new AdmissionRig();
        var handler = new SlowedRecipientHandler(rig.Settings, rig.Time, this);
        var session = new ReceptionSession(rig.Settings.Policy) { Facts = AdmissionRig.Peer(peer, account) };
        for (var i = 0; i < SlowedRecipientHandler.AtOnce; i++)
            Assert.True(AskAsync(handler, session).IsCompleted);

        var late = AskAsync(handler, session);
        Assert.Equal(waits, !late.IsCompleted);
        rig.Time.Advance(SlowedRecipientHandler.Delay);
        Assert.Equal(550, (await late).Reply!.Code);

        // Those who are there are answered at once, and so is what may succeed later.
        inner = Answer.Refuse(ReplyCatalogue.Greylisted);
        Assert.True(AskAsync(handler, session).IsCompleted);
        inner = Answer.Accept();
        Assert.True(AskAsync(handler, session).IsCompleted);
    }

    ValueTask<Answer> IQuestionHandler<RecipientQuestion>.AnswerAsync(RecipientQuestion question, ReceptionSession session) => new(inner);

    private static Task<Answer> AskAsync(SlowedRecipientHandler handler, ReceptionSession session) =>
        handler.AnswerAsync(new RecipientQuestion(ReversePath.Null, new EnvelopeRecipient(new Mailbox("a", "local.example"))), session).AsTask();
}
