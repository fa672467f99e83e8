using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Postrider.Smtp.Grammar;

/// <summary>An address of the type utf-8 (RFC 6533 §3): characters stand for themselves, or as <c>\x{41}</c> by their number.</summary>
internal static class UnicodeAddress
{
    private const int LongestNumber = 6;

    /// <summary>The address that is meant, or null where it is not written so.</summary>
    public static string? Decode(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            return null;
        var address = new StringBuilder(text.Length);
        while (!text.IsEmpty)
        {
            if (text[0] == '\\')
            {
                if (!TryTakeNumber(ref text, out var character))
                    return null;
                address.Append(character);
                continue;
            }
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            // QCHAR and QUCHAR: not the space, the plus, the equals sign and the backslash.
            if (rune.IsAscii && (rune.Value <= ' ' || rune.Value >= 127 || rune.Value is '+' or '='))
                return null;
            address.Append(rune);
            text = text[length..];
        }
        return address.ToString();
    }

    /// <summary>Writes an address in ASCII alone (utf-8-addr-xtext), which every server takes.</summary>
    public static void Write(ReadOnlySpan<char> address, IBufferWriter<byte> target)
    {
        foreach (var rune in address.EnumerateRunes())
        {
            if (rune.IsAscii && rune.Value is > ' ' and < 127 and not ('+' or '=' or '\\'))
                target.Write([(byte)rune.Value]);
            else
                Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}"), target);
        }
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> text, out Rune character)
    {
        character = default;
        var end = text.IndexOf((byte)'}');
        if (end is < 4 or > 3 + LongestNumber || text[1] != 'x' || text[2] != '{')
            return false;
        var digits = text[3..end];
        text = text[(end + 1)..];
        // What no address holds, control characters first, would end a line of a report.
        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            && Rune.TryCreate(number, out character)
            && !Rune.IsControl(character);
    }
}
