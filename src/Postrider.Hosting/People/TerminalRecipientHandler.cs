using Postrider.Delivery.Routing;
using Postrider.Delivery.Terminals;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.People;

/// <summary>RCPT after SEND: who is here and has no terminal open gets 450 (RFC 821 §3.4). All else is asked of the next handler alone.</summary>
internal sealed class TerminalRecipientHandler(UserTerminals terminals, IQuestionHandler<RecipientQuestion> next) : IQuestionHandler<RecipientQuestion>
{
    // One with a terminal is enough; beyond these the delivery finds out.
    private const int MostAsked = 20;

    public async ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session)
    {
        var answer = await next.AnswerAsync(question, session);
        return question.Mode != DeliveryMode.Terminal || !answer.IsAccepted || IsThere(question.Recipient.Mailbox, session.Policy.Routes)
            ? answer
            : Answer.Refuse(ReplyCatalogue.NoTerminal);
    }

    private bool IsThere(Mailbox mailbox, RoutingTable routes)
    {
        foreach (var one in routes.Expand(mailbox, MostAsked))
        {
            if (routes.FindMailboxes(one.Mailbox) is not { } mailboxes || (mailboxes.UserOf(one.Mailbox) is { } user && terminals.Accepts(user)))
                return true;
        }
        return false;
    }
}
