using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// XFORWARD (Postfix's XFORWARD_README): a content filter says whom the next message came from, for the log. Nothing
/// is decided by it, and it is forgotten with the transaction.
/// </summary>
/// <param name="trusted">The networks that may; nobody else is offered it.</param>
public sealed class XForwardExtension(PeerNetworks trusted) : SmtpExtension("XFORWARD")
{
    private const int LongestProtocol = 64;

    private static readonly string[] Names = ["NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"];

    internal override IReadOnlyList<Verb> Verbs =>
        [new Verb("XFORWARD", VerbFlags.NeedsNoTransaction | VerbFlags.Idle, "XFORWARD attribute=value [attribute=value]", "Postfix XFORWARD_README", Run)];

    internal override string? Offer(ServerSettings settings, SessionFacts facts) =>
        IsTrusted(facts) ? $"{Keyword} {string.Join(' ', Names)}" : null;

    private bool IsTrusted(SessionFacts facts) => trusted.Contains(facts.NamedBy ?? facts.PeerAddress);

    private Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        if (!IsTrusted(conversation.Facts))
            return Outcome.Mistake(ReplyCatalogue.ClientAttributesDenied);
        if (ClientAttributes.Read(argument, Names, out var attributes) is { } wrong)
            return Outcome.Mistake(wrong);
        var forwarded = conversation.Facts.Forwarded ?? new ForwardedFacts();
        foreach (var (name, value) in attributes)
        {
            if (Apply(name, value, ref forwarded) is { } expected)
                return Outcome.Mistake(ClientAttributes.NotRight(name, expected));
        }
        conversation.Facts = conversation.Facts with { Forwarded = forwarded };
        return Outcome.Say(ReplyCatalogue.ForwardedNoted);
    }

    private static string? Apply(string name, string? value, ref ForwardedFacts facts)
    {
        switch (name)
        {
            case "NAME":
                facts = facts with { Name = value };
                return null;
            case "ADDR":
                facts = facts with { Address = value };
                return null;
            case "PORT":
                if (value is not null && !ushort.TryParse(value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
                    return "a port";
                facts = facts with { Port = value };
                return null;
            case "PROTO":
                if (value?.Length > LongestProtocol)
                    return "64 characters at most";
                facts = facts with { Protocol = value };
                return null;
            case "HELO":
                facts = facts with { Hello = value };
                return null;
            case "IDENT":
                facts = facts with { Identity = value };
                return null;
            default:
                if (value is not null && value.ToUpperInvariant() is not ("LOCAL" or "REMOTE"))
                    return "LOCAL or REMOTE";
                facts = facts with { IsLocal = value?.Length == 5 };
                return null;
        }
    }
}
