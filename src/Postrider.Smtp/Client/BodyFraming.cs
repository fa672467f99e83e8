namespace Postrider.Smtp.Client;

/// <summary>
/// How the content of one transaction goes over the wire: the command before it, the octets around each
/// block, the replies to them. Has the state of one transaction.
/// </summary>
public abstract class BodyFraming
{
    /// <summary>
    /// The command that the server answers by 354 before the content may come, CRLF at its end; empty where
    /// the content follows the replies to RCPT.
    /// </summary>
    public virtual ReadOnlySpan<byte> Command => default;

    /// <summary>Octets that a buffer has free before a block that is to be framed.</summary>
    public virtual int HeadLength => 0;

    /// <summary>Replies that the server owes to blocks before the last one.</summary>
    public int Owed { get; private protected set; }

    /// <summary>How long a buffer must be for a block to be framed in it.</summary>
    /// <param name="length">Octets of content.</param>
    public abstract int BufferFor(int length);

    /// <summary>How much content can be framed in a buffer.</summary>
    /// <param name="length">Octets of the buffer.</param>
    public abstract int RoomIn(int length);

    /// <summary>Frames the next block of the content in place.</summary>
    /// <param name="buffer">Has the block at <see cref="HeadLength"/>, and room around it.</param>
    /// <param name="length">Octets of the block; 0 only where the content is empty.</param>
    /// <param name="isLast">Whether the content ends with it.</param>
    /// <returns>What is to be sent of the buffer.</returns>
    public abstract Range Frame(Span<byte> buffer, int length, bool isLast);

    /// <summary>Takes a reply that was owed.</summary>
    internal void Settle() => Owed--;
}
