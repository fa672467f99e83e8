using System.Collections.Immutable;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;
using static Postrider.Smtp.Server.Verbs.VerbFlags;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// SEND, SOML and SAML (RFC 821 §3.4): transactions whose message goes to the user's terminal, to the terminal or else
/// the mailbox, or to both. Keywords of EHLO (RFC 1869 §4.4), each of its own, for the peers that may; others get 502.
/// </summary>
public sealed class TerminalExtension : SmtpExtension
{
    private readonly DeliveryMode mode;
    private readonly Func<SessionFacts, bool> mayUse;

    private TerminalExtension(DeliveryMode mode, Func<SessionFacts, bool> mayUse)
        : base(VerbOf(mode)!)
    {
        this.mode = mode;
        this.mayUse = mayUse;
        Verbs = [new(Keyword, NeedsHello | NeedsAccount | NeedsNoTransaction, $"{Keyword} FROM:<reverse-path> [parameters]", "RFC 821 section 3.4", Run)];
    }

    /// <summary>The three of them.</summary>
    /// <param name="mayUse">Whether a peer may; any thread, at once.</param>
    public static ImmutableArray<SmtpExtension> All(Func<SessionFacts, bool> mayUse) =>
    [
        new TerminalExtension(DeliveryMode.Terminal, mayUse),
        new TerminalExtension(DeliveryMode.TerminalOrMailbox, mayUse),
        new TerminalExtension(DeliveryMode.TerminalAndMailbox, mayUse),
    ];

    internal override IReadOnlyList<Verb> Verbs { get; }

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => mayUse(facts) ? Keyword : null;

    /// <summary>The verb that begins a transaction of this mode, or null: MAIL does.</summary>
    internal static string? VerbOf(DeliveryMode mode) => mode switch
    {
        DeliveryMode.Terminal => "SEND",
        DeliveryMode.TerminalOrMailbox => "SOML",
        DeliveryMode.TerminalAndMailbox => "SAML",
        _ => null,
    };

    private Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation) =>
        mayUse(conversation.Facts) ? MailVerb.Begin(argument, conversation, mode) : Outcome.Mistake(ReplyCatalogue.NotImplemented);
}

/// <summary>
/// SEND, SOML and SAML, the client's half. A server that does not offer them is given the mailbox's half of SOML and
/// SAML by MAIL; SEND has none, and fails.
/// </summary>
public sealed class TerminalClientExtension : ClientExtension
{
    private static readonly EnhancedStatusCode NotCapable = new(5, 3, 3);

    /// <inheritdoc/>
    public override string Keyword => "SEND";

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return transaction.Envelope.Mode == DeliveryMode.Terminal && !peer.Offers("SEND")
            ? new RecipientResult(RecipientVerdict.Failed, 0, NotCapable, "The message is for a terminal, and the server does not offer SEND")
            : null;
    }

    /// <inheritdoc/>
    public override string? TransactionVerb(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return TerminalExtension.VerbOf(transaction.Envelope.Mode) is { } verb && peer.Offers(verb) ? verb : null;
    }
}
