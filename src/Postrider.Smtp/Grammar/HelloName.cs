using System.Text;

namespace Postrider.Smtp.Grammar;

/// <summary>The name in EHLO and HELO (RFC 5321 §4.1.1.1): a domain or an address literal.</summary>
internal static class HelloName
{
    // RFC 5321 §4.1.4 lets no mail be refused for a name that proves wrong, so what is common in the
    // field passes: underscores, a hyphen at either end of a label, a dot at the end of the name.
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > 255)
            return false;
        if (text[0] == '[')
            return AddressLiteral.IsValid(text);
        var label = 0;
        foreach (var octet in text)
        {
            if (octet == '.')
            {
                if (label == 0)
                    return false;
                label = 0;
            }
            else if (Characters.IsLetterOrDigit(octet) || octet is (byte)'-' or (byte)'_')
            {
                label++;
            }
            else
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>One spelling for each name that is valid: small letters, no dot at its end.</summary>
    public static string Normalize(ReadOnlySpan<byte> name) => Encoding.ASCII.GetString(name).TrimEnd('.').ToLowerInvariant();
}
