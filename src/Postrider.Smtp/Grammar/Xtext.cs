using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Postrider.Smtp.Grammar;

/// <summary>xtext (RFC 3461 §4): printable ASCII in which <c>+</c> and two hexadecimal digits stand for an octet.</summary>
internal static class Xtext
{
    /// <summary>The octets that are meant; false where it is not written so.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        var decoded = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var octet = text[i];
            // RFC 3461 §4 xchar: "!" to "~" but "+" and "=".
            if (octet is < (byte)'!' or > (byte)'~' or (byte)'=')
                return false;
            if (octet == '+')
            {
                if (i + 2 >= text.Length || !IsUpperHex(text[i + 1]) || !IsUpperHex(text[i + 2]))
                    return false;
                octet = byte.Parse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                i += 2;
            }
            decoded[length++] = octet;
        }
        octets = decoded[..length];
        return true;
    }

    /// <summary>Writes printable ASCII so.</summary>
    public static void Write(ReadOnlySpan<char> text, IBufferWriter<byte> target)
    {
        foreach (var character in text)
        {
            if (character is >= '!' and <= '~' and not ('+' or '='))
                target.Write([(byte)character]);
            else
                Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"+{(int)character:X2}"), target);
        }
    }

    private static bool IsUpperHex(byte octet) => octet is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'A' and <= (byte)'F');
}
