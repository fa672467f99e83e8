using Postrider.Delivery.People;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.People;

/// <summary>
/// EXPN: who gets what is sent to this list (RFC 5321 §3.5.1)? Lists within it are followed, each mailbox is named
/// once. Who may not ask gets 252 (§7.3).
/// </summary>
internal sealed class ExpandHandler : IQuestionHandler<ExpandQuestion>
{
    // A reply is held in memory whole, and clients take no longer one; a longer list is for its owner to show.
    private const int MostLines = 500;

    public ValueTask<Answer> AnswerAsync(ExpandQuestion question, ReceptionSession session) =>
        new(session.Policy.Asking.MayAsk(session.Facts) ? PeopleReplies.ToAnswer(Expand(question, session.Policy)) : Answer.Accept());

    private static Reply? Expand(ExpandQuestion question, ReceptionPolicy policy)
    {
        if (Find(question.Name, policy) is not { } entry)
            return ReplyCatalogue.NoSuchList;
        if (!entry.IsExpanded)
            return ReplyCatalogue.NotAList;
        var members = policy.Routes.Expand(entry.Name.Mailbox, MostLines + 1);
        if (members.Count > MostLines)
            return ReplyCatalogue.TooLongToExpand;
        var lines = members.Select(member => PeopleReplies.Line(member, question.SmtpUtf8)).ToList();
        return lines.Contains(null) ? ReplyCatalogue.AnswerNotAscii : ReplyCatalogue.Expanded(lines!);
    }

    private static AddressEntry? Find(string name, ReceptionPolicy policy)
    {
        if (PeopleReplies.ReadAddress(name) is { } address)
            return policy.Routes.FindMailboxes(address)?.People?.Find(policy.Routes.WithDomain(address));
        // A list may be named as people name it; of several with that name none is the one.
        var found = policy.People?.Search(name, 2) ?? [];
        return found is [var only] ? only : null;
    }
}
