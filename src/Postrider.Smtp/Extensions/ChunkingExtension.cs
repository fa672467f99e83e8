using System.Globalization;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// CHUNKING (RFC 3030), the client's half: binary content goes by BDAT. Everything else goes by DATA, which costs
/// no more round trips as long as the content is not sent before somebody is accepted.
/// </summary>
public sealed class ChunkingClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => "CHUNKING";

    /// <inheritdoc/>
    public override BodyFraming? Frame(in ClientTransaction transaction, PeerCapabilities peer) =>
        transaction.Envelope.Body == BodyType.BinaryMime ? new ChunkFraming() : null;

    /// <summary>BDAT: each block with its length before it, the octets as they are (RFC 3030 §2).</summary>
    private sealed class ChunkFraming : BodyFraming
    {
        // "BDAT " and a number of ten digits, " LAST", CRLF.
        private const int LongestCommand = 22;

        public override int HeadLength => LongestCommand;

        public override int BufferFor(int length) => length + LongestCommand;

        public override int RoomIn(int length) => length - LongestCommand;

        public override Range Frame(Span<byte> buffer, int length, bool isLast)
        {
            var command = string.Create(CultureInfo.InvariantCulture, $"BDAT {length}{(isLast ? " LAST" : "")}\r\n");
            var start = LongestCommand - command.Length;
            Encoding.ASCII.GetBytes(command, buffer[start..]);
            if (!isLast)
                Owed++;
            return start..(LongestCommand + length);
        }
    }
}
