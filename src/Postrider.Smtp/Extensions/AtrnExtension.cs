using System.Collections.Immutable;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;
using static Postrider.Smtp.Server.Verbs.VerbFlags;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// ATRN (RFC 2645): TURN for a peer that has logged in, which may name the domains whose mail it wants. A client
/// looks for the keyword before it logs in, so that a server for this alone lists it to all.
/// </summary>
public sealed class AtrnExtension : SmtpExtension
{
    private readonly Func<SessionFacts, bool> mayFetch;
    private readonly bool isListedToAll;

    /// <summary>Carries it out for those who may.</summary>
    /// <param name="mayFetch">Whether a peer may have mail that waits here; any thread, at once.</param>
    /// <param name="isListedToAll">Whether EHLO lists it to peers that have not logged in, too.</param>
    public AtrnExtension(Func<SessionFacts, bool> mayFetch, bool isListedToAll)
        : base("ATRN")
    {
        this.mayFetch = mayFetch;
        this.isListedToAll = isListedToAll;
        Verbs = [new Verb("ATRN", NeedsHello | NeedsNoTransaction | Idle | OnDemandRelay, "ATRN [domain[,domain]...]", "RFC 2645 section 5.2.1", Run)];
    }

    internal override IReadOnlyList<Verb> Verbs { get; }

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => isListedToAll || mayFetch(facts) ? Keyword : null;

    private Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        if (!mayFetch(conversation.Facts))
            return Outcome.Mistake(conversation.Facts.Account is null ? ReplyCatalogue.AuthenticationRequired : ReplyCatalogue.TurnRefused);
        return TryReadDomains(argument, out var domains)
            ? Outcome.Ask(new TurnQuestion("ATRN", domains), TurnExtension.Answered)
            : Outcome.Mistake(ReplyCatalogue.AtrnSyntax);
    }

    // domain *("," domain), or nothing.
    private static bool TryReadDomains(ReadOnlySpan<byte> argument, out ImmutableArray<string> domains)
    {
        domains = [];
        if (argument.IsEmpty)
            return true;
        var read = new List<string>();
        foreach (var range in argument.Split((byte)','))
        {
            var domain = argument[range];
            if (!HelloName.IsValid(domain) || domain[0] == '[')
                return false;
            var text = HelloName.Normalize(domain);
            if (!read.Contains(text, StringComparer.Ordinal))
                read.Add(text);
        }
        domains = [.. read];
        return true;
    }
}
