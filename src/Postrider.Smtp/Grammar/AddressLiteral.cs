using System.Text;

namespace Postrider.Smtp.Grammar;

/// <summary>Address literals (RFC 5321 §4.1.3): IPv4, IPv6 in its four forms, and the general form with a tag.</summary>
internal static class AddressLiteral
{
    /// <summary>Whether the octets, brackets included, are an address literal.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.Length < 3 || text[0] != '[' || text[^1] != ']')
            return false;
        var content = text[1..^1];
        var colon = content.IndexOf((byte)':');
        if (colon < 0)
            return IsIPv4(content);
        var tag = content[..colon];
        return Ascii.EqualsIgnoreCase(tag, "IPv6"u8) ? IsIPv6(content[(colon + 1)..]) : IsGeneral(tag, content[(colon + 1)..]);
    }

    // Snum is one to three digits; a leading zero is a digit like any other, as the grammar has it.
    internal static bool IsIPv4(ReadOnlySpan<byte> text)
    {
        for (var part = 0; part < 4; part++)
        {
            int digits = 0, value = 0;
            while (digits < text.Length && digits < 3 && Characters.IsDigit(text[digits]))
                value = (value * 10) + text[digits++] - '0';
            if (digits == 0 || value > 255)
                return false;
            text = text[digits..];
            if (part == 3)
                return text.IsEmpty;
            if (text.IsEmpty || text[0] != '.')
                return false;
            text = text[1..];
        }
        return false;
    }

    // IPv6-full has eight groups; IPv6-comp has "::" for two at least, so six others at most. A trailing
    // IPv4 part stands for two groups.
    internal static bool IsIPv6(ReadOnlySpan<byte> text)
    {
        var compressed = false;
        var groups = 0;
        if (text.StartsWith("::"u8))
        {
            compressed = true;
            text = text[2..];
            if (text.IsEmpty)
                return true;
        }
        while (true)
        {
            var digits = 0;
            while (digits < text.Length && digits < 5 && Characters.IsHexDigit(text[digits]))
                digits++;
            if (digits < text.Length && text[digits] == '.')
                return IsIPv4(text) && Fits(groups + 2, compressed);
            if (digits is 0 or 5)
                return false;
            groups++;
            text = text[digits..];
            if (text.IsEmpty)
                return Fits(groups, compressed);
            if (text[0] != ':')
                return false;
            text = text[1..];
            if (!text.IsEmpty && text[0] == ':')
            {
                if (compressed)
                    return false;
                compressed = true;
                text = text[1..];
                if (text.IsEmpty)
                    return Fits(groups, compressed);
            }
        }
    }

    private static bool Fits(int groups, bool compressed) => compressed ? groups <= 6 : groups == 8;

    // General-address-literal: Standardized-tag is an Ldh-str, which ends with a letter or digit.
    private static bool IsGeneral(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> content)
    {
        if (tag.IsEmpty || content.IsEmpty || !Characters.IsLetterOrDigit(tag[^1]))
            return false;
        foreach (var octet in tag)
        {
            if (!Characters.IsLetterOrDigit(octet) && octet != '-')
                return false;
        }
        foreach (var octet in content)
        {
            if (!Characters.IsLiteralText(octet))
                return false;
        }
        return true;
    }
}
