using System.Buffers;

namespace Postrider.Mime.Reports;

/// <summary>
/// What a report gives back of the message it is about: the whole, where it was asked for and its lines
/// can stand in a message, or the fields of its header block (RFC 3462 §2), bounded.
/// </summary>
internal readonly struct OriginalPart
{
    // RFC 5322 §2.1.1.
    private const int LongestLine = 998;
    private const int MostHeader = 32 * 1024;

    private OriginalPart(ReadOnlyMemory<byte> content, bool isWhole)
    {
        Content = content;
        IsWhole = isWhole;
        IsEightBit = content.Span.ContainsAnyInRange((byte)0x80, (byte)0xFF);
    }

    public ReadOnlyMemory<byte> Content { get; }

    public bool IsWhole { get; }

    public bool IsEightBit { get; }

    /// <summary>Makes the part.</summary>
    /// <param name="original">The message from its start, whole or not.</param>
    /// <param name="isWhole">Whether it is whole and wanted so.</param>
    /// <param name="headerLength">Octets of its header block.</param>
    public static OriginalPart Make(ReadOnlyMemory<byte> original, bool isWhole, int headerLength) =>
        isWhole && HasFitLines(original.Span)
            ? new OriginalPart(original, isWhole: true)
            : new OriginalPart(FitHeader(original.Span[..headerLength]), isWhole: false);

    private static bool HasFitLines(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            var end = content.IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
            if (end is < 0 or > LongestLine || content[end] != '\r' || end + 1 >= content.Length || content[end + 1] != '\n')
                return false;
            content = content[(end + 2)..];
        }
        return true;
    }

    // Whole fields as far as there is room; what is too long for a line is cut. The empty line is not one of them.
    private static byte[] FitHeader(ReadOnlySpan<byte> header)
    {
        var fit = new ArrayBufferWriter<byte>(Math.Min(header.Length, MostHeader) + 2);
        var field = 0;
        while (!header.IsEmpty)
        {
            var end = header.IndexOf((byte)'\n');
            var line = end < 0 ? header : header[..end];
            header = end < 0 ? default : header[(end + 1)..];
            line = line.TrimEnd((byte)'\r');
            if (line.IsEmpty)
                break;
            if (line[0] is not ((byte)' ' or (byte)'\t'))
                field = fit.WrittenCount;
            if (line.Length > LongestLine)
                line = line[..LongestLine];
            if (fit.WrittenCount + line.Length + 2 > MostHeader)
                return fit.WrittenSpan[..field].ToArray();
            var target = fit.GetSpan(line.Length + 2);
            line.CopyTo(target);
            // A bare CR or a NUL would make the report a message that no server takes.
            target[..line.Length].ReplaceAny(Unfit, (byte)' ');
            "\r\n"u8.CopyTo(target[line.Length..]);
            fit.Advance(line.Length + 2);
        }
        return fit.WrittenSpan.ToArray();
    }

    private static readonly SearchValues<byte> Unfit = SearchValues.Create(0, (byte)'\r');
}
