using System.Buffers;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// STARTTLS (RFC 3207): the connection comes under TLS, and all that was said before is forgotten. It is
/// not offered, and refused, where TLS is on already.
/// </summary>
public sealed class StartTlsExtension : SmtpExtension
{
    /// <summary>Offers it.</summary>
    public StartTlsExtension()
        : base("STARTTLS")
    {
    }

    internal override IReadOnlyList<Verb> Verbs { get; } =
        [new("STARTTLS", VerbFlags.BeforeTls | VerbFlags.Idle | VerbFlags.OnDemandRelay, "STARTTLS", "RFC 3207 section 4", Run)];

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => facts.Tls is null ? Keyword : null;

    private static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        if (conversation.Facts.Tls is not null)
            return Outcome.Mistake(ReplyCatalogue.TlsIsOn);
        // RFC 3207 §4: with a parameter, 501.
        return argument.IsEmpty ? Outcome.Ask(new StartTlsQuestion(), Answered) : Outcome.Mistake(ReplyCatalogue.NoArgumentAllowed);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted ? Outcome.UpgradeTls(answer.Reply is { Code: 220 } own ? own : ReplyCatalogue.ReadyForTls) : Outcome.Refuse(answer.Reply!);
}

/// <summary>
/// STARTTLS: can the connection come under TLS now? It is the pump that knows, and it refuses with
/// <see cref="ReplyCatalogue.TlsNotAvailable"/> where there is no certificate.
/// </summary>
public sealed record StartTlsQuestion : Question;

/// <summary>
/// STARTTLS (RFC 3207), the client's half: begins TLS where it is offered, and ends the session where a demand
/// is not met. TLS from the first octet is held to the same demand.
/// </summary>
/// <param name="demand">What is demanded.</param>
public sealed class StartTlsClientExtension(TlsDemand demand) : ClientExtension
{
    // RFC 3463 §3.8: X.7.4 security features not supported, X.7.5 cryptographic failure.
    private static readonly EnhancedStatusCode NotSupported = new(4, 7, 4);
    private static readonly EnhancedStatusCode NotVerified = new(4, 7, 5);

    /// <inheritdoc/>
    public override string Keyword => "STARTTLS";

    /// <summary>What is demanded.</summary>
    public TlsDemand Demand => demand;

    /// <inheritdoc/>
    public override SessionEnding? RefusePeer(PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Tls switch
        {
            null when demand >= TlsDemand.Required && !peer.Offers(Keyword) =>
                new SessionEnding(EndingKind.Unprotected, 0, NotSupported, "TLS is required, and the server does not offer it"),
            { PeerCertificate: not { IsTrusted: true } } when demand == TlsDemand.Verified =>
                new SessionEnding(EndingKind.Unprotected, 0, NotVerified, "The server's certificate leads to no authority that is trusted"),
            { PeerCertificate: not { NamesHost: true } } when demand == TlsDemand.Verified =>
                new SessionEnding(EndingKind.Unprotected, 0, NotVerified, "The server's certificate is another host's"),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override ClientStage? BeforeMail(PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return demand == TlsDemand.None || peer.Tls is not null ? null : new Stage(demand);
    }

    private sealed class Stage(TlsDemand demand) : ClientStage
    {
        public override void Start(IBufferWriter<byte> commands) => commands.Write("STARTTLS\r\n"u8);

        public override StageStep Continue(ReplyParser reply, IBufferWriter<byte> commands)
        {
            if (reply.Code == 220)
                return StageStep.UpgradeTls;
            // RFC 3207 §4: 454 and 501; whether to go on in the clear is the client's decision.
            if (demand < TlsDemand.Required)
                return StageStep.Done;
            Failure = new SessionEnding(EndingKind.Unprotected, reply.Code, NotSupported, $"TLS is required, and the server refused STARTTLS: {reply.ToText()}");
            return StageStep.Failed;
        }
    }
}
