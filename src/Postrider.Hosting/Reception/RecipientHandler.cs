using Postrider.Hosting.Events;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>
/// Is mail for this recipient taken? For the domains that a route names, from everybody; for all
/// others from the clients that may relay alone: this is what keeps the server from being an open relay.
/// </summary>
internal sealed class RecipientHandler(ReceptionLog log) : IQuestionHandler<RecipientQuestion>
{
    public ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session)
    {
        if (Refuse(question, session) is not { } refusal)
            return new(Answer.Accept());
        log.RecipientRefused(question.ReversePath, question.Recipient.Mailbox, refusal, session.Facts);
        return new(Answer.Refuse(refusal));
    }

    private static Reply? Refuse(RecipientQuestion question, ReceptionSession session)
    {
        var route = session.Policy.Routes.Find(question.Recipient.Mailbox);
        if (route is { IsDefault: false })
            return null;
        // Who may not relay is not told what a client that may would be told.
        if (!session.Policy.MayRelay(session.Facts.PeerAddress))
            return ReceptionReplies.RelayingDenied;
        return route is null ? ReceptionReplies.NoRoute : null;
    }
}
