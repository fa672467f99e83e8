namespace Postrider.Smtp.Content;

/// <summary>
/// Makes content transparent for DATA (RFC 5321 §4.5.2): a line that begins with a dot gets another
/// one. Works in place, block by block, however the content is cut; a block without such a line,
/// which is nearly every one, is not touched.
/// </summary>
public struct DotStuffer
{
    private bool isMidLine;
    private bool isAfterCr;

    /// <summary>How long a block of content may become.</summary>
    /// <param name="length">Octets of the block before.</param>
    public static int MaxLength(int length) => checked(length + (length / 3) + 1);

    /// <summary>The longest that <see cref="WriteEnd"/> writes.</summary>
    public const int MaxEndLength = 5;

    /// <summary>Stuffs the next block of content in place.</summary>
    /// <param name="buffer">Begins with the block; has room for <see cref="MaxLength"/> octets.</param>
    /// <param name="length">Octets of the block.</param>
    /// <returns>Octets of the block now.</returns>
    public int Stuff(Span<byte> buffer, int length)
    {
        var block = buffer[..length];
        var headDot = HeadDot(block);
        Follow(block);
        var dots = block.Count("\r\n."u8) + (headDot >= 0 ? 1 : 0);
        if (dots == 0)
            return length;

        // From the back, so that each octet moves once and none is overwritten before it has moved.
        var stuffed = length + dots;
        var end = length;
        while (dots > 0)
        {
            var hit = buffer[..end].LastIndexOf("\r\n."u8);
            var dot = hit >= 0 ? hit + 2 : headDot;
            buffer[dot..end].CopyTo(buffer[(dot + dots)..]);
            dots--;
            buffer[dot + dots] = (byte)'.';
            end = dot;
        }
        return stuffed;
    }

    /// <summary>Writes the end of data behind the last block, after a CRLF where the content did not end in one.</summary>
    /// <param name="output">Room for <see cref="MaxEndLength"/> octets.</param>
    /// <returns>Octets written.</returns>
    public readonly int WriteEnd(Span<byte> output)
    {
        var end = isMidLine ? "\r\n.\r\n"u8 : ".\r\n"u8;
        end.CopyTo(output);
        return end.Length;
    }

    // The dot that begins a line whose CRLF lies, in part or whole, before this block.
    private readonly int HeadDot(ReadOnlySpan<byte> block)
    {
        if (!isMidLine)
            return block is [(byte)'.', ..] ? 0 : -1;
        return isAfterCr && block is [(byte)'\n', (byte)'.', ..] ? 1 : -1;
    }

    private void Follow(ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
            return;
        var cr = block.Length > 1 ? block[^2] == '\r' : isAfterCr;
        isMidLine = !(cr && block[^1] == '\n');
        isAfterCr = block[^1] == '\r';
    }
}
