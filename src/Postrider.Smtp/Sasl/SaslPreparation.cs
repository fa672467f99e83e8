using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// SASLprep (RFC 4013): two ways to type the same password become the same octets. It normalizes by today's
/// Unicode instead of 3.2, lets pass what that did not assign, and knows left-to-right characters by their being
/// letters; in all else it is the RFC's.
/// </summary>
/// <remarks>Without the ICU library (invariant globalization) only ASCII can be prepared.</remarks>
public static class SaslPreparation
{
    // RFC 3454 table D.1, the characters written from right to left, as first and last of each range.
    private static readonly int[] RightToLeft =
    [
        0x05BE, 0x05BE, 0x05C0, 0x05C0, 0x05C3, 0x05C3, 0x05D0, 0x05EA, 0x05F0, 0x05F4, 0x061B, 0x061B, 0x061F, 0x061F,
        0x0621, 0x063A, 0x0640, 0x064A, 0x066D, 0x066F, 0x0671, 0x06D5, 0x06DD, 0x06DD, 0x06E5, 0x06E6, 0x06FA, 0x06FE,
        0x0700, 0x070D, 0x0710, 0x0710, 0x0712, 0x072C, 0x0780, 0x07A5, 0x07B1, 0x07B1, 0x200F, 0x200F, 0xFB1D, 0xFB1D,
        0xFB1F, 0xFB28, 0xFB2A, 0xFB36, 0xFB38, 0xFB3C, 0xFB3E, 0xFB3E, 0xFB40, 0xFB41, 0xFB43, 0xFB44, 0xFB46, 0xFBB1,
        0xFBD3, 0xFD3D, 0xFD50, 0xFD8F, 0xFD92, 0xFDC7, 0xFDF0, 0xFDFC, 0xFE70, 0xFE74, 0xFE76, 0xFEFC,
    ];

    /// <summary>Prepares a user's name or a password.</summary>
    /// <param name="text">The text as it was typed.</param>
    /// <param name="prepared">The text to compare or to hash.</param>
    /// <returns>False where nothing is left of it, or it holds a character that RFC 4013 §2.3 prohibits, such as a control character.</returns>
    public static bool TryPrepare(string text, [NotNullWhen(true)] out string? prepared)
    {
        ArgumentNullException.ThrowIfNull(text);
        prepared = null;
        if (text.Length == 0)
            return false;
        if (Ascii.IsValid(text))
        {
            prepared = text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : text;
            return prepared is not null;
        }

        string normal;
        try
        {
            normal = Map(text).Normalize(NormalizationForm.FormKC);
        }
        catch (Exception e) when (e is ArgumentException or PlatformNotSupportedException)
        {
            // A lone surrogate, or no ICU.
            return false;
        }
        if (normal.Length == 0 || !IsAllowed(normal))
            return false;
        prepared = normal;
        return true;
    }

    // RFC 4013 §2.1: spaces become SPACE (table C.1.2), and what is commonly mapped to nothing goes (B.1).
    private static string Map(string text)
    {
        var mapped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is '\u00AD' or '\u034F' or '\u1806' or (>= '\u180B' and <= '\u180D') or (>= '\u200C' and <= '\u200D')
                or '\u2060' or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF')
            {
                continue;
            }
            mapped.Append(c is '\u00A0' or '\u1680' or (>= '\u2000' and <= '\u200B') or '\u202F' or '\u205F' or '\u3000' ? ' ' : c);
        }
        return mapped.ToString();
    }

    private static bool IsAllowed(string text)
    {
        var rightToLeft = false;
        var leftToRight = false;
        var first = true;
        var lastIsRight = false;
        var firstIsRight = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsProhibited(rune))
                return false;
            lastIsRight = IsRightToLeft(rune.Value);
            rightToLeft |= lastIsRight;
            leftToRight |= !lastIsRight && Rune.IsLetter(rune);
            if (first)
                firstIsRight = lastIsRight;
            first = false;
        }
        // RFC 3454 §6: what runs from right to left begins and ends so, and has nothing of the other direction in it.
        return !rightToLeft || (!leftToRight && firstIsRight && lastIsRight);
    }

    // RFC 4013 §2.3, tables C.1.2 to C.9 of RFC 3454. Spaces that are not ASCII have been mapped by now.
    private static bool IsProhibited(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x06DD or 0x070F or 0x180E or (>= 0x200C and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x2063)
            or (>= 0x206A and <= 0x206F) or 0xFEFF or (>= 0xFFF9 and <= 0xFFFD) or (>= 0x1D173 and <= 0x1D17A) // C.2.2, C.6, C.8
            or 0x0340 or 0x0341 // C.8
            or (>= 0x2FF0 and <= 0x2FFB) // C.7
            or 0xE0001 or (>= 0xE0020 and <= 0xE007F) // C.9
            or (>= 0xFDD0 and <= 0xFDEF) // C.4
        || (rune.Value & 0xFFFE) == 0xFFFE;

    private static bool IsRightToLeft(int value)
    {
        for (var i = 0; i < RightToLeft.Length && RightToLeft[i] <= value; i += 2)
        {
            if (value <= RightToLeft[i + 1])
                return true;
        }
        return false;
    }
}
