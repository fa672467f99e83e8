using System.Buffers;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>SMTPUTF8 (RFC 6531): addresses and header sections in UTF-8.</summary>
public sealed class SmtpUtf8Extension : SmtpExtension
{
    internal const string Name = "SMTPUTF8";

    /// <summary>Offers it; it needs 8BITMIME beside it.</summary>
    public SmtpUtf8Extension()
        : base(Name)
    {
    }

    // RFC 6531 §3.1 item 6: 10 octets more for MAIL; VRFY and EXPN take it too (§3.7.4.2).
    internal override IReadOnlyList<Parameter> Parameters { get; } = [new("MAIL", Name, 10, Read), new("VRFY", Name, 0, Read), new("EXPN", Name, 0, Read)];

    private static Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        // RFC 6531 §3.1 item 5: the parameter has no value.
        if (hasValue)
            return ReplyCatalogue.ParameterValue.With("SMTPUTF8 takes no value");
        transaction.SmtpUtf8 = true;
        return null;
    }
}

/// <summary>SMTPUTF8 (RFC 6531), the client's half: asks for it where the message needs it, and does not send such a message where it is not offered.</summary>
public sealed class SmtpUtf8ClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => "SMTPUTF8";

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Offers(Keyword))
            return null;
        // RFC 6531 §3.5: 5.6.7 for an address that is not ASCII, 5.6.9 for the header fields.
        if (transaction.Envelope.ReversePath.Mailbox is { IsAscii: false })
            return AddressNotAscii("The sender's address is not ASCII, and the server does not offer SMTPUTF8");
        return transaction.Envelope.SmtpUtf8
            ? new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 6, 9), "The message is internationalized, and the server does not offer SMTPUTF8")
            : null;
    }

    /// <inheritdoc/>
    public override RecipientResult? RefuseRecipient(EnvelopeRecipient recipient, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(peer);
        return recipient.Mailbox.IsAscii || peer.Offers(Keyword) ? null : AddressNotAscii("The address is not ASCII, and the server does not offer SMTPUTF8");
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (transaction.Envelope.SmtpUtf8 || HasUtf8Address(transaction.Envelope))
            command.Write(" SMTPUTF8"u8);
    }

    private static RecipientResult AddressNotAscii(string text) => new(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 6, 7), text);

    private static bool HasUtf8Address(Envelope envelope)
    {
        if (envelope.ReversePath.Mailbox is { IsAscii: false })
            return true;
        foreach (var recipient in envelope.Recipients)
        {
            if (!recipient.Mailbox.IsAscii)
                return true;
        }
        return false;
    }
}
