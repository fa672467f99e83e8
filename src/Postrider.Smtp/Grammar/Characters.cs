using System.Buffers;

namespace Postrider.Smtp.Grammar;

/// <summary>Character classes of RFC 5321 §4.1.2, over octets. Octets above 127 are left to the caller (RFC 6531 §3.3).</summary>
internal static class Characters
{
    // RFC 5322 §3.2.3 atext.
    private static readonly SearchValues<byte> atomText =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"u8);

    public static bool IsAtomText(byte octet) => octet >= 0x80 || atomText.Contains(octet);

    /// <summary>Whether the octets are an atom (RFC 5322 §3.2.3), ASCII alone.</summary>
    public static bool IsAtom(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(atomText);

    // qtextSMTP: printable but quote and backslash; the space is in it, the tab is not.
    public static bool IsQuotedText(byte octet) => octet is >= 32 and not ((byte)'"' or (byte)'\\' or 127);

    public static bool IsLetterOrDigit(byte octet) =>
        octet is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (>= (byte)'0' and <= (byte)'9');

    public static bool IsDigit(byte octet) => octet is >= (byte)'0' and <= (byte)'9';

    public static bool IsHexDigit(byte octet) => IsDigit(octet) || (octet | 0x20) is >= 'a' and <= 'f';

    // dcontent, RFC 5321 §4.1.3: printable but brackets and backslash.
    public static bool IsLiteralText(byte octet) => octet is >= 33 and <= 126 and not ((byte)'[' or (byte)']' or (byte)'\\');
}
