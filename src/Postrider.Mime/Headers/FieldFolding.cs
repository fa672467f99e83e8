using System.Text;

namespace Postrider.Mime.Headers;

/// <summary>Writes header fields whose values are longer than a line (RFC 5322 §2.2.3).</summary>
internal static class FieldFolding
{
    // RFC 5322 §2.1.1: 78 characters wanted, 998 octets at most.
    private const int WantedLine = 78;
    private const int LongestWord = 900;

    /// <summary>Appends a field with its CRLF, folded at spaces, and inside a word only where that alone would be too long a line.</summary>
    /// <param name="text">What it is appended to.</param>
    /// <param name="name">The name of the field.</param>
    /// <param name="value">Its value, one line.</param>
    public static void AppendField(this StringBuilder text, string name, string value)
    {
        text.Append(name).Append(':');
        AppendFolded(text, value.TrimEnd(), name.Length + 1, "\r\n ");
        text.Append("\r\n");
    }

    /// <summary>Appends words, each behind a space or a fold.</summary>
    /// <param name="text">What they are appended to.</param>
    /// <param name="value">The words.</param>
    /// <param name="column">Octets that the line has already.</param>
    /// <param name="fold">What begins a new line.</param>
    public static void AppendFolded(StringBuilder text, ReadOnlySpan<char> value, int column, string fold)
    {
        var isFirst = true;
        foreach (var range in value.Split(' '))
        {
            var word = value[range];
            var octets = Encoding.UTF8.GetByteCount(word);
            if (!isFirst && octets > 0 && column + 1 + octets > WantedLine)
            {
                text.Append(fold);
                column = fold.Length - 2;
            }
            else
            {
                text.Append(' ');
                column++;
            }
            column = AppendWord(text, word, octets, column, fold);
            isFirst = false;
        }
    }

    private static int AppendWord(StringBuilder text, ReadOnlySpan<char> word, int octets, int column, string fold)
    {
        if (octets <= LongestWord)
        {
            text.Append(word);
            return column + octets;
        }
        foreach (var rune in word.EnumerateRunes())
        {
            if (column >= LongestWord)
            {
                text.Append(fold);
                column = fold.Length - 2;
            }
            text.Append(rune);
            column += rune.Utf8SequenceLength;
        }
        return column;
    }
}
