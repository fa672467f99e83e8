using System.Globalization;

namespace Postrider.Smtp.Replies;

/// <summary>An enhanced status code, class.subject.detail (RFC 3463 §2).</summary>
/// <param name="Class">2 success, 4 persistent transient failure, 5 permanent failure; 0 where there is none.</param>
/// <param name="Subject">0 to 999.</param>
/// <param name="Detail">0 to 999.</param>
public readonly record struct EnhancedStatusCode(byte Class, ushort Subject, ushort Detail)
{
    /// <summary>Whether there is no code: default(EnhancedStatusCode).</summary>
    public bool IsNone => Class == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        IsNone ? "" : string.Create(CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");

    /// <summary>Reads a code from the start of a text, as in a reply line. False where there is none.</summary>
    /// <param name="text">A text such as <c>5.1.1 No such user</c>.</param>
    /// <param name="code">The code read.</param>
    /// <param name="length">How many characters it takes, the space behind it not counted.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out EnhancedStatusCode code, out int length)
    {
        code = default;
        length = 0;
        if (text.Length < 5 || text[0] is not ('2' or '4' or '5') || text[1] != '.')
            return false;
        var position = 2;
        if (!ReadNumber(text, ref position, out var subject) || position >= text.Length || text[position] != '.')
            return false;
        position++;
        if (!ReadNumber(text, ref position, out var detail) || (position < text.Length && text[position] != ' '))
            return false;
        code = new EnhancedStatusCode((byte)(text[0] - '0'), subject, detail);
        length = position;
        return true;
    }

    private static bool ReadNumber(ReadOnlySpan<char> text, ref int position, out ushort number)
    {
        number = 0;
        var start = position;
        while (position < text.Length && position - start < 3 && char.IsAsciiDigit(text[position]))
            number = (ushort)((number * 10) + (text[position++] - '0'));
        return position > start;
    }
}
