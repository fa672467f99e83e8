using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// AUTH (RFC 4954): the peer proves who it is by one of the mechanisms of SASL. EHLO lists only those that work
/// for this peer now; nothing that shows a password or token is taken in the clear, but from this machine.
/// </summary>
public sealed class AuthExtension : SmtpExtension
{
    private readonly ImmutableArray<string> mechanisms;

    /// <summary>Offers these mechanisms.</summary>
    /// <param name="mechanisms">Some of <see cref="SaslMechanisms.All"/>.</param>
    /// <exception cref="ArgumentException">There are none, or one is not known.</exception>
    public AuthExtension(params ImmutableArray<string> mechanisms)
        : base("AUTH")
    {
        if (mechanisms.IsDefaultOrEmpty)
            throw new ArgumentException("AUTH needs a mechanism.", nameof(mechanisms));
        foreach (var mechanism in mechanisms)
        {
            if (!SaslMechanisms.All.Contains(mechanism, StringComparer.Ordinal))
                throw new ArgumentException($"{mechanism} is not a mechanism of this server.", nameof(mechanisms));
        }
        this.mechanisms = mechanisms;
        Verbs = [new Verb("AUTH", VerbFlags.NeedsHello | VerbFlags.NeedsNoTransaction | VerbFlags.LongLine | VerbFlags.OnDemandRelay, "AUTH mechanism [initial-response]", "RFC 4954 section 4", Run)];
    }

    // RFC 4954 §3 item 5: AUTH= raises the line of MAIL by 500 octets.
    internal override IReadOnlyList<Parameter> Parameters { get; } = [new("MAIL", "AUTH", 500, ReadSender) { Syntax = "AUTH=mailbox" }];

    internal override IReadOnlyList<Verb> Verbs { get; }

    internal override string? Offer(ServerSettings settings, SessionFacts facts)
    {
        var working = mechanisms.Where(mechanism => SaslMechanisms.WorksFor(mechanism, facts)).ToList();
        return working.Count == 0 ? null : $"{Keyword} {string.Join(' ', working)}";
    }

    // RFC 4954 §5. We trust no client to say who wrote a message, so that it is read and then left out, which
    // is to say AUTH=<>.
    private static Reply? ReadSender(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (value.SequenceEqual("<>"u8))
            return null;
        return Xtext.TryDecode(value, out var octets) && octets.Length > 0 && AddressParser.TryParseMailbox(Encoding.UTF8.GetString(octets), out _, out _)
            ? null
            : ReplyCatalogue.ParameterValue.With("AUTH takes <> or a mailbox in xtext");
    }

    private Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        var facts = conversation.Facts;
        if (!facts.IsExtended)
            return Outcome.Mistake(ReplyCatalogue.AuthNeedsEhlo);
        if (facts.Account is not null)
            return Outcome.Mistake(ReplyCatalogue.AuthenticatedAlready);
        var space = argument.IndexOf((byte)' ');
        var name = space < 0 ? argument : argument[..space];
        var initial = space < 0 ? default : argument[space..].Trim((byte)' ');
        if (name.IsEmpty || initial.Contains((byte)' '))
            return Outcome.Mistake(ReplyCatalogue.AuthSyntax);
        if (Find(name) is not { } mechanism)
            return Outcome.Mistake(ReplyCatalogue.AuthUnknownMechanism);
        if (!SaslMechanisms.WorksFor(mechanism, facts))
            return Outcome.Mistake(SaslMechanisms.IsProtected(facts) ? ReplyCatalogue.AuthUnknownMechanism : ReplyCatalogue.AuthNeedsTls);

        var plus = ScramClient.PlusName;
        var offersPlus = mechanisms.Contains(plus, StringComparer.Ordinal) && SaslMechanisms.WorksFor(plus, facts);
        var exchange = new AuthExchange(SaslMechanisms.Begin(mechanism, facts, offersPlus));
        return space < 0 || initial.IsEmpty ? exchange.Open(conversation) : exchange.Open(initial, conversation);
    }

    private string? Find(ReadOnlySpan<byte> name)
    {
        foreach (var mechanism in mechanisms)
        {
            if (Ascii.EqualsIgnoreCase(name, mechanism))
                return mechanism;
        }
        return null;
    }
}

/// <summary>One exchange of AUTH: lines of base64 on one side, turns of the mechanism on the other.</summary>
internal sealed class AuthExchange(SaslServer server)
{
    private Question? asked;

    public Outcome Open(Conversation conversation) => Take(server.Begin(), conversation);

    // RFC 4954 §4: "=" is a response of no octets.
    public Outcome Open(ReadOnlySpan<byte> initial, Conversation conversation) =>
        initial.SequenceEqual("="u8) ? Take(server.Respond([]), conversation) : Respond(initial, conversation);

    private Outcome Line(ReadOnlySpan<byte> line, Reply? refusal, Conversation conversation)
    {
        if (refusal is not null)
            return Outcome.Mistake(refusal == ReplyCatalogue.LineTooLong ? ReplyCatalogue.AuthLineTooLong : refusal);
        return line.SequenceEqual("*"u8) ? Outcome.Mistake(ReplyCatalogue.AuthCancelled) : Respond(line, conversation);
    }

    private Outcome Respond(ReadOnlySpan<byte> text, Conversation conversation)
    {
        var octets = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        // What .NET lets pass, white space, is no base64 of RFC 4648 §3.1.
        if (text.ContainsAny(" \t"u8) || Base64.DecodeFromUtf8(text, octets, out _, out var length) != System.Buffers.OperationStatus.Done)
            return Outcome.Mistake(ReplyCatalogue.AuthBadBase64);
        return Take(server.Respond(octets.AsSpan(0, length)), conversation);
    }

    private Outcome Answered(in Answer answer, Conversation conversation)
    {
        if (answer.IsAccepted)
            return Take(server.Accepted(asked!), conversation);
        return answer.Reply!.Code is 421 or 521 ? Outcome.Close(answer.Reply) : Take(server.Refused(asked!, answer.Reply), conversation);
    }

    private Outcome Take(in SaslTurn turn, Conversation conversation)
    {
        switch (turn.Kind)
        {
            case SaslTurnKind.Challenge:
                return Send(turn.Challenge!);
            case SaslTurnKind.Ask:
                asked = turn.Question;
                return Outcome.Ask(asked!, Answered);
            case SaslTurnKind.Success:
                conversation.Facts = conversation.Facts with { Account = turn.Account };
                return Outcome.Say(ReplyCatalogue.Authenticated);
            default:
                return Outcome.Mistake(turn.Reply!);
        }
    }

    private Outcome Send(byte[] challenge) => Outcome.ReadLine(ReplyCatalogue.Challenge(Convert.ToBase64String(challenge)), Line);
}
