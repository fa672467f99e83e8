using System.Buffers;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// BINARYMIME (RFC 3030 §3): content of any octets, declared by BODY=BINARYMIME and sent by BDAT, which is kept to
/// the octet. The parameter is read where 8BITMIME has it.
/// </summary>
public sealed class BinaryMimeExtension : SmtpExtension
{
    internal const string Name = "BINARYMIME";

    /// <summary>Offers it; it needs CHUNKING and 8BITMIME beside it.</summary>
    public BinaryMimeExtension()
        : base(Name)
    {
    }
}

/// <summary>
/// BINARYMIME (RFC 3030 §3), the client's half: declares binary content, and does not send it where it is not
/// offered: such content never leaves by DATA. What could be converted has been.
/// </summary>
public sealed class BinaryMimeClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => BinaryMimeExtension.Name;

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        // RFC 3463 §3.7: X.6.3, conversion required but not supported.
        return transaction.Envelope.Body == BodyType.BinaryMime && !(peer.Offers(Keyword) && peer.Offers(ChunkingExtension.Name))
            ? new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 6, 3), "The message is binary, which the server does not take")
            : null;
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (transaction.Envelope.Body == BodyType.BinaryMime)
            command.Write(" BODY=BINARYMIME"u8);
    }
}
