using System.Buffers;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>8BITMIME (RFC 6152): content with octets above 127, declared by BODY=8BITMIME.</summary>
public sealed class EightBitMimeExtension : SmtpExtension
{
    internal const string Name = "8BITMIME";

    /// <summary>Offers it.</summary>
    public EightBitMimeExtension()
        : base(Name)
    {
    }

    // RFC 6152 §2 item 6: the parameter raises the line by 17 octets.
    internal override IReadOnlyList<Parameter> Parameters { get; } = [new("MAIL", "BODY", 17, Read) { Syntax = "BODY=7BIT|8BITMIME|BINARYMIME" }];

    private static Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (Ascii.EqualsIgnoreCase(value, "8BITMIME"u8))
            transaction.Body = BodyType.EightBitMime;
        else if (Ascii.EqualsIgnoreCase(value, "7BIT"u8))
            transaction.Body = BodyType.SevenBit;
        else if (Ascii.EqualsIgnoreCase(value, "BINARYMIME"u8) && conversation.Settings.Extensions.Offers(BinaryMimeExtension.Name))
            transaction.Body = BodyType.BinaryMime;
        else
            return ReplyCatalogue.ParameterValue.With(conversation.Settings.Extensions.Offers(BinaryMimeExtension.Name)
                ? "BODY takes 7BIT, 8BITMIME or BINARYMIME"
                : "BODY takes 7BIT or 8BITMIME");
        return null;
    }
}

/// <summary>8BITMIME (RFC 6152), the client's half: declares 8-bit content, and does not send it where it is not offered.</summary>
public sealed class EightBitMimeClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => "8BITMIME";

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        // RFC 6152 §3: content with octets above 127 is converted, or fails (RFC 3463 §3.7: X.6.3). It has been tried to convert it.
        return transaction.HasEightBit && !peer.Offers(Keyword) && !transaction.Settings.SendEightBitAnyway
            ? new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 6, 3), "The message has 8-bit content, which the server does not take")
            : null;
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (transaction.HasEightBit)
            command.Write(" BODY=8BITMIME"u8);
    }
}
