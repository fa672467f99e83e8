using System.Globalization;
using System.Net;
using System.Text;

namespace Postrider.Delivery.Routing;

/// <summary>One spelling for each domain: what routes and mailbox folders are looked up by.</summary>
internal static class DomainNames
{
    /// <summary>
    /// Lower case, in Unicode's normal form C; an address literal in the shortest spelling of its address.
    /// Never throws: a domain comes from a peer.
    /// </summary>
    public static string Normalize(string domain)
    {
        if (domain.StartsWith('['))
            return NormalizeLiteral(domain);
        return Ascii.IsValid(domain) ? domain.ToLowerInvariant() : Fold(domain);
    }

    /// <summary>Lower case and normal form C. What is not well-formed UTF-16 has no normal form and is left as it is.</summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
            return text.ToLowerInvariant();
        return IsWellFormed(text)
            ? text.Normalize(NormalizationForm.FormC).ToLowerInvariant().Normalize(NormalizationForm.FormC)
            : text;
    }

    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            text = text[length..];
        }
        return true;
    }

    /// <summary>The other spelling of an internationalized domain (RFC 5890 §2.3.2.1): A-label for U-label and back, or null.</summary>
    /// <remarks>For configuration only: it throws inside on a malformed label.</remarks>
    public static string? OtherSpelling(string domain)
    {
        if (domain.StartsWith('['))
            return null;
        try
        {
            var mapping = new IdnMapping();
            var other = Ascii.IsValid(domain) ? mapping.GetUnicode(domain) : mapping.GetAscii(domain);
            return string.Equals(other, domain, StringComparison.OrdinalIgnoreCase) ? null : Normalize(other);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // RFC 5321 §4.1.3: an IPv6 address has many spellings.
    private static string NormalizeLiteral(string literal)
    {
        const string tag = "[ipv6:";
        if (literal.StartsWith(tag, StringComparison.OrdinalIgnoreCase)
            && literal.EndsWith(']')
            && IPAddress.TryParse(literal.AsSpan(tag.Length, literal.Length - tag.Length - 1), out var address)
            && address.ToString() is var shortest
            && shortest.Contains(':', StringComparison.Ordinal))
            return $"{tag}{shortest}]";
        return literal.ToLowerInvariant();
    }
}
