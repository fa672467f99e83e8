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

    // RFC 6531 §3.1 item 6: 10 octets more for MAIL; VRFY takes it too (§3.7.4.2).
    internal override IReadOnlyList<Parameter> Parameters { get; } = [new("MAIL", Name, 10, Read), new("VRFY", Name, 0, Read)];

    private static Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        // RFC 6531 §3.1 item 5: the parameter has no value.
        if (hasValue)
            return ReplyCatalogue.ParameterValue.With("SMTPUTF8 takes no value");
        transaction.SmtpUtf8 = true;
        return null;
    }
}
