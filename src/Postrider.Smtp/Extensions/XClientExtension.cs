using System.Globalization;
using System.Net;
using System.Text;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// XCLIENT (Postfix's XCLIENT_README): a proxy that is trusted says who its client is. The session begins anew
/// with that client, up to the greeting, and keeps TLS and who may say XCLIENT.
/// </summary>
/// <param name="trusted">The networks that may; nobody else is offered it.</param>
public sealed class XClientExtension(PeerNetworks trusted) : SmtpExtension("XCLIENT")
{
    private static readonly string[] Names = ["NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT"];

    internal override IReadOnlyList<Verb> Verbs =>
        [new Verb("XCLIENT", VerbFlags.NeedsNoTransaction | VerbFlags.Idle, "XCLIENT attribute=value [attribute=value]", "Postfix XCLIENT_README", Run)];

    internal override string? Offer(ServerSettings settings, SessionFacts facts) =>
        IsTrusted(facts) ? $"{Keyword} {string.Join(' ', Names)}" : null;

    // By the connection's own address: who was named by XCLIENT is trusted with nothing for it.
    private bool IsTrusted(SessionFacts facts) => trusted.Contains(facts.NamedBy ?? facts.PeerAddress);

    private Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        var before = conversation.Facts;
        if (!IsTrusted(before))
            return Outcome.Mistake(ReplyCatalogue.ClientAttributesDenied);
        if (ClientAttributes.Read(argument, Names, out var attributes) is { } wrong)
            return Outcome.Mistake(wrong);
        var facts = before with { NamedBy = before.NamedBy ?? before.PeerAddress, PeerName = null };
        foreach (var (name, value) in attributes)
        {
            if (Apply(name, value, ref facts) is { } expected)
                return Outcome.Mistake(ClientAttributes.NotRight(name, expected));
        }
        conversation.DropTransaction();
        conversation.Facts = facts;
        // The new client is judged as one that has just connected.
        return Outcome.Ask(new ConnectQuestion(), ServerSession.Connected);
    }

    // What was expected instead, or null.
    private static string? Apply(string name, string? value, ref SessionFacts facts)
    {
        switch (name)
        {
            case "NAME":
                if (value is not null && !IsName(value))
                    return "a host name";
                facts = facts with { PeerHostname = value };
                return null;
            case "ADDR" or "DESTADDR":
                if (!TryReadAddress(value, out var address))
                    return "an IPv4 address, or IPV6: and an IPv6 address";
                facts = name == "ADDR" ? facts with { PeerAddress = address } : facts with { LocalAddress = address };
                return null;
            case "PORT" or "DESTPORT":
                ushort port = 0;
                if (value is not null && !ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out port))
                    return "a port";
                facts = name == "PORT" ? facts with { PeerPort = port } : facts with { LocalPort = port };
                return null;
            case "PROTO":
                if (value is not null && value.ToUpperInvariant() is not ("SMTP" or "ESMTP"))
                    return "SMTP or ESMTP";
                facts = facts with { IsExtended = value?.Length == 5 };
                return null;
            case "HELO":
                if (value is not null && !IsName(value))
                    return "a domain or an address literal";
                facts = facts with { PeerName = value };
                return null;
            default:
                facts = facts with { Account = value };
                return null;
        }
    }

    private static bool IsName(string value) => HelloName.IsValid(Encoding.ASCII.GetBytes(value));

    // An address that is not known is the unspecified one: no address at all would be a client on this machine.
    private static bool TryReadAddress(string? value, out IPAddress address)
    {
        address = IPAddress.Any;
        if (value is null)
            return true;
        var isIPv6 = value.StartsWith("IPV6:", StringComparison.OrdinalIgnoreCase);
        var text = isIPv6 ? value[5..] : value;
        if (!IPAddress.TryParse(text, out var parsed) || text.Contains(':', StringComparison.Ordinal) != isIPv6)
            return false;
        if (isIPv6 ? text.AsSpan().ContainsAny('%', '[', '/') : parsed.ToString() != text)
            return false;
        address = parsed;
        return true;
    }
}
