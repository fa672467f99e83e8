using Postrider.Hosting.Events;
using Postrider.Hosting.People;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>
/// Is mail for this recipient taken? For the domains that a route names, from everybody; for all
/// others from the clients that may relay, and those that have logged in, alone: this is what keeps the server from being an open relay.
/// </summary>
internal sealed class RecipientHandler(ReceptionLog log, LocalRecipients local) : IQuestionHandler<RecipientQuestion>
{
    public async ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session)
    {
        var reply = Refuse(question, session) ?? await local.JudgeAsync(question.Recipient.Mailbox, session);
        if (reply is null or { IsPositive: true })
            return reply is null ? Answer.Accept() : Answer.Accept(reply);
        log.RecipientRefused(question.ReversePath, question.Recipient.Mailbox, reply, session.Facts);
        return Answer.Refuse(reply);
    }

    private static Reply? Refuse(RecipientQuestion question, ReceptionSession session)
    {
        // A server that we ask for our mail gives us ours, wherever it is.
        var mayRelay = !session.Facts.IsTurned && (session.Facts.Account is not null || session.Policy.MayRelay(session.Facts.PeerAddress));
        // A local part that names another host asks whoever gets the mail to relay it: a%b@c, b!a@c, "a@b"@c. We do not,
        // but a host behind us may, and would be ours to answer for.
        if (!mayRelay && question.Recipient.Mailbox.LocalPart.AsSpan().ContainsAny("%!@"))
            return ReplyCatalogue.RelayingDenied;
        var route = session.Policy.Routes.Find(question.Recipient.Mailbox);
        if (route is { IsDefault: false })
            return null;
        // Who may not relay is not told what a client that may would be told.
        if (!mayRelay)
            return ReplyCatalogue.RelayingDenied;
        if (session.MendsFields && !HostNames.IsQualified(question.Recipient.Mailbox.Domain))
            return ReplyCatalogue.RecipientNotQualified;
        return route is null ? ReplyCatalogue.NoRoute : null;
    }
}
