using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Postrider.Smtp.Client;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>SIZE (RFC 1870): the server says what it takes, the client what it brings.</summary>
public sealed class SizeExtension : SmtpExtension
{
    /// <summary>Offers it, with the limit of the settings.</summary>
    public SizeExtension()
        : base("SIZE")
    {
    }

    // RFC 1870 §3: the parameter raises the line by 26 octets.
    internal override IReadOnlyList<Parameter> Parameters { get; } = [new("MAIL", "SIZE", 26, Read) { Syntax = "SIZE=octets" }];

    // RFC 1870 §4: 0 says that there is no fixed limit.
    internal override string? Offer(ServerSettings settings, SessionFacts facts) =>
        string.Create(CultureInfo.InvariantCulture, $"{Keyword} {settings.Limits.MessageSize}");

    private static Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        // RFC 1870 §5: 1*20DIGIT. What no long holds is over any limit there is.
        if (value.IsEmpty || value.Length > 20)
            return Wrong();
        long size = 0;
        foreach (var octet in value)
        {
            if (!Characters.IsDigit(octet))
                return Wrong();
            size = size > (long.MaxValue - 9) / 10 ? long.MaxValue : (size * 10) + octet - '0';
        }
        transaction.DeclaredSize = size;
        var limit = conversation.Settings.Limits.MessageSize;
        return limit > 0 && size > limit ? conversation.Settings.Replies.DeclaredTooLarge : null;
    }

    private static Reply Wrong() => ReplyCatalogue.ParameterValue.With("SIZE takes a number of 1 to 20 digits");
}

/// <summary>SIZE (RFC 1870), the client's half: declares the size, and does not send what is larger than the server takes.</summary>
public sealed class SizeClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => "SIZE";

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        // RFC 1870 §4: without a number, or with 0, the server states no limit.
        return long.TryParse(peer.Parameters(Keyword), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit > 0 && transaction.Length > limit
            ? new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 3, 4), string.Create(
                CultureInfo.InvariantCulture,
                $"The message has {transaction.Length} octets, the server takes {limit} at most"))
            : null;
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Write(" SIZE="u8);
        var number = command.GetSpan(20);
        Utf8Formatter.TryFormat(transaction.Length, number, out var written);
        command.Advance(written);
    }
}
