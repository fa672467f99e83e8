using System.Text;
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
    internal override IReadOnlyList<Parameter> Parameters { get; } = [new("MAIL", "BODY", 17, Read)];

    private static Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (Ascii.EqualsIgnoreCase(value, "8BITMIME"u8))
            transaction.Body = BodyType.EightBitMime;
        else if (Ascii.EqualsIgnoreCase(value, "7BIT"u8))
            transaction.Body = BodyType.SevenBit;
        else
            return ReplyCatalogue.ParameterValue.With("BODY takes 7BIT or 8BITMIME");
        return null;
    }
}
