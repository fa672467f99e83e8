using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Extensions;

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
