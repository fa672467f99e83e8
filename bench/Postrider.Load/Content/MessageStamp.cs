using System.Buffers.Text;

namespace Postrider.Load.Content;

/// <summary>
/// What a message says of itself in its header, by which each is found again wherever it ends: the
/// run, its number in it, and length and checksum of its body with CR LF line ends.
/// </summary>
internal readonly record struct MessageStamp(uint Run, int Number, int Length, uint Crc)
{
    /// <summary>The line's name, as it stands behind a line end.</summary>
    public static ReadOnlySpan<byte> Name => "\nX-Load: "u8;

    // Run, number, length, checksum: 8, 10, 10 and 8 digits.
    private const int TextLength = 8 + 1 + 10 + 1 + 10 + 1 + 8;

    /// <summary>Writes the line with its line end.</summary>
    public int Write(Span<byte> line)
    {
        Name[1..].CopyTo(line);
        var text = line[(Name.Length - 1)..];
        _ = Utf8Formatter.TryFormat(Run, text, out _, new('x', 8));
        text[8] = (byte)' ';
        _ = Utf8Formatter.TryFormat(Number, text[9..], out _, new('D', 10));
        text[19] = (byte)' ';
        _ = Utf8Formatter.TryFormat(Length, text[20..], out _, new('D', 10));
        text[30] = (byte)' ';
        _ = Utf8Formatter.TryFormat(Crc, text[31..], out _, new('x', 8));
        "\r\n"u8.CopyTo(text[TextLength..]);
        return Name.Length - 1 + TextLength + 2;
    }

    /// <summary>Finds the line in a header block, or gives false.</summary>
    public static bool TryFind(ReadOnlySpan<byte> header, out MessageStamp stamp)
    {
        stamp = default;
        var at = header.IndexOf(Name);
        if (at < 0 || header.Length < at + Name.Length + TextLength)
            return false;
        var text = header.Slice(at + Name.Length, TextLength);
        if (!Utf8Parser.TryParse(text[..8], out uint run, out _, 'x') || !Utf8Parser.TryParse(text[9..19], out int number, out _)
            || !Utf8Parser.TryParse(text[20..30], out int length, out _) || !Utf8Parser.TryParse(text[31..], out uint crc, out _, 'x'))
        {
            return false;
        }
        stamp = new MessageStamp(run, number, length, crc);
        return true;
    }
}
