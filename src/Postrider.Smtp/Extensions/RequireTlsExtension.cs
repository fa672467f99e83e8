using System.Buffers;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// REQUIRETLS (RFC 8689): the sender wants the message to go on under TLS only. Offered under TLS only, and only by a
/// server that sends on with <see cref="RequireTlsClientExtension"/>: who offers it promises it.
/// </summary>
public sealed class RequireTlsExtension : SmtpExtension
{
    internal const string Name = "REQUIRETLS";

    /// <summary>Offers it.</summary>
    public RequireTlsExtension()
        : base(Name)
    {
    }

    // RFC 8689 §2 item 5: 11 octets more for MAIL.
    internal override IReadOnlyList<Parameter> Parameters { get; } = [new("MAIL", Name, 11, Read)];

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => facts.Tls is null ? null : Keyword;

    private static Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        // What comes in the clear has been on the way unprotected already; it is not offered there.
        if (conversation.Facts.Tls is null)
            return ReplyCatalogue.UnknownParameter.With(Name);
        // RFC 8689 §2 item 4: no value.
        if (hasValue)
            return ReplyCatalogue.ParameterValue.With("REQUIRETLS takes no value");
        transaction.Tls = TlsWish.Required;
        return null;
    }
}

/// <summary>
/// REQUIRETLS (RFC 8689 §4.2.1), the client's half: such a message goes only under TLS to a server whose certificate is
/// trusted and names the host, and that offers the same. Other messages may use the connection all the same.
/// </summary>
public sealed class RequireTlsClientExtension : ClientExtension
{
    // RFC 8689 §8: X.7.10 and X.7.30 of RFC 5248's registry.
    private static readonly EnhancedStatusCode EncryptionNeeded = new(5, 7, 10);
    private static readonly EnhancedStatusCode NotOffered = new(5, 7, 30);

    /// <inheritdoc/>
    public override string Keyword => RequireTlsExtension.Name;

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (transaction.Envelope.Tls != TlsWish.Required)
            return null;
        return peer.Tls switch
        {
            null => Undecided(EncryptionNeeded, "The sender requires TLS, and the connection is in the clear"),
            { PeerCertificate: not { IsTrusted: true } } => Undecided(EncryptionNeeded, "The sender requires TLS, and the server's certificate leads to no authority that is trusted"),
            { PeerCertificate: not { NamesHost: true } } => Undecided(EncryptionNeeded, "The sender requires TLS, and the server's certificate is another host's"),
            _ => peer.Offers(Keyword) ? null : Undecided(NotOffered, "The sender requires TLS on all of the way, and the server does not offer REQUIRETLS"),
        };
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (transaction.Envelope.Tls == TlsWish.Required)
            command.Write(" REQUIRETLS"u8);
    }

    // RFC 8689 §4.2.1: the domain's other hosts are tried; the message fails where none is good for it.
    private static RecipientResult Undecided(EnhancedStatusCode status, string text) => new(RecipientVerdict.Failed, 0, status, text) { IsUndecided = true };
}
