using Postrider.Hosting.Admission;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.BlockLists;

/// <summary>
/// Refuses the recipients of clients that a block list names. It is asked with the first recipient and not when the client connects: by then
/// one that logs in, which may well be on a list of home connections, has done so. Who is exempt from the limits, or was asked for its mail, is not looked up.
/// The postmaster hears from everybody (RFC 5321 §4.5.1): whoever is on a list wrongly has to tell somebody.
/// </summary>
internal sealed class BlockListedRecipientHandler(
    BlockListing listing, CurrentSettings settings, RefusalTally tally, IQuestionHandler<RecipientQuestion> next) : IQuestionHandler<RecipientQuestion>
{
    // What the tally counts: the reason that a list gives differs from client to client.
    private static readonly Reply onSome = ReplyCatalogue.BlockListed.With("that it asks");

    public ValueTask<Answer> AnswerAsync(RecipientQuestion question, ReceptionSession session) =>
        settings.Value.BlockLists.IsEmpty || question.Recipient.Mailbox.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase) || session.Facts is not { Account: null, IsTurned: false, PeerAddress: { } peer } || settings.Value.Admission.IsExempt(peer)
            ? next.AnswerAsync(question, session)
            : JudgeAsync(question, session, peer);

    private async ValueTask<Answer> JudgeAsync(RecipientQuestion question, ReceptionSession session, System.Net.IPAddress peer)
    {
        // XCLIENT may put another client in the place of the first.
        if (session.BlockList is not { } known || !known.Client.Equals(peer))
        {
            var found = await listing.FindAsync(peer, settings.Value.BlockLists, CancellationToken.None);
            session.BlockList = known = (peer, found is { } listed ? Refusal(listed.List, listed.Reason) : null);
            if (found is not null)
                tally.Count(onSome, session.Facts);
        }
        return known.Refusal is { } refusal ? Answer.Refuse(refusal) : await next.AnswerAsync(question, session);
    }

    private static Reply Refusal(string list, string reason) =>
        ReplyCatalogue.BlockListed.With(reason.Length == 0 ? list : $"{list}: {reason}");
}
