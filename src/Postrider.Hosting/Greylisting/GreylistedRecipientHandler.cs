using Postrider.Hosting.Admission;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Greylisting;

/// <summary>
/// Puts off a recipient that would be taken, where greylisting is on and the client's network is not known yet. Who has proven to
/// be an account, is exempt from the limits, or was asked for its mail, is not put off.
/// </summary>
internal sealed class GreylistedRecipientHandler(
    Greylist greylist, CurrentSettings settings, RefusalTally tally, TimeProvider time, IQuestionHandler<RecipientQuestion> next) : IQuestionHandler<RecipientQuestion>
{
    public ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session) =>
        settings.Value.Greylist is { } options && session.Facts is { Account: null, IsTurned: false, PeerAddress: { } peer } && !settings.Value.Admission.IsExempt(peer)
            ? JudgeAsync(question, session, options, settings.Value.Admission.GreylistedAs(peer))
            : next.AnswerAsync(question, session);

    private async ValueTask<Answer> JudgeAsync(RecipientQuestion question, ReceptionSession session, GreylistOptions options, AddressBlock network)
    {
        var answer = await next.AnswerAsync(question, session);
        if (!answer.IsAccepted || greylist.Pass(network, question.ReversePath, question.Recipient.Mailbox, options, time.GetUtcNow()))
            return answer;
        tally.Count(ReplyCatalogue.Greylisted, session.Facts);
        return Answer.Refuse(ReplyCatalogue.Greylisted);
    }
}
