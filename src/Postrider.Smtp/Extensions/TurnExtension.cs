using System.Collections.Immutable;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;
using static Postrider.Smtp.Server.Verbs.VerbFlags;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// TURN or ATRN: does the mail that waits for this peer go out over this connection? After an acceptance, whose
/// reply is 250, the roles change, and whoever was asked speaks as the client. A refusal of TURN is 502; one of ATRN is
/// 450, 451 or 453 (RFC 2645 §7).
/// </summary>
/// <param name="Verb">TURN or ATRN.</param>
/// <param name="Domains">The domains that the peer names, in lower case, each once; empty for all that are its own.</param>
public sealed record TurnQuestion(string Verb, ImmutableArray<string> Domains) : Question;

/// <summary>
/// TURN (RFC 821 §3.8): the roles change on this connection, and the peer gets its mail. Only for peers that have
/// proven who they are: what a name in HELO was once enough for gave mail to anybody.
/// </summary>
public sealed class TurnExtension : SmtpExtension
{
    private readonly Func<SessionFacts, bool> mayFetch;

    /// <summary>Carries it out, and lists it, for those who may.</summary>
    /// <param name="mayFetch">Whether a peer may have mail that waits here; any thread, at once.</param>
    public TurnExtension(Func<SessionFacts, bool> mayFetch)
        : base("TURN")
    {
        this.mayFetch = mayFetch;
        Verbs = [new Verb("TURN", NeedsHello | NeedsNoTransaction | Idle | NoArgument, "TURN", "RFC 821 section 3.8", Run)];
    }

    internal override IReadOnlyList<Verb> Verbs { get; }

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => mayFetch(facts) ? Keyword : null;

    private Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation) => mayFetch(conversation.Facts)
        ? Outcome.Ask(new TurnQuestion("TURN", []), Answered)
        : Outcome.Mistake(ReplyCatalogue.NotImplemented);

    internal static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted ? Outcome.Turn(answer.Reply is { Code: 250 } own ? own : ReplyCatalogue.Reversing) : Outcome.Refuse(answer.Reply!);
}
