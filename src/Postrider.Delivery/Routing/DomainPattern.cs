using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Postrider.Delivery.Routing;

/// <summary>
/// The domains that a route is for: one domain, all below one (<c>*.example.org</c>), or one address
/// literal (<c>[192.0.2.1]</c>).
/// </summary>
public readonly record struct DomainPattern
{
    private const int LongestDomain = 255;
    private const int LongestLabel = 63;
    private static readonly SearchValues<char> NeverInDomain = SearchValues.Create(" \t\r\n\0@<>()[]\\,;:\"/");

    private DomainPattern(string domain, bool isBelow)
    {
        Domain = domain;
        IsBelow = isBelow;
    }

    /// <summary>The domain in lower case, without the asterisk.</summary>
    public string Domain { get; }

    /// <summary>Whether the domains below are meant, at any depth, and not the domain itself.</summary>
    public bool IsBelow { get; }

    /// <summary>Whether a domain is meant, in lower case; one spelling of an internationalized domain is not the other.</summary>
    public bool Contains(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return IsBelow
            ? domain.Length > Domain.Length && domain[^(Domain.Length + 1)] == '.' && domain.EndsWith(Domain, StringComparison.Ordinal)
            : domain == Domain;
    }

    /// <summary>Whether some domain is meant by both.</summary>
    public bool Overlaps(DomainPattern other) =>
        this == other
        || (IsBelow && other.IsBelow && (Contains(other.Domain) || other.Contains(Domain)))
        || (IsBelow && !other.IsBelow && Contains(other.Domain))
        || (!IsBelow && other.IsBelow && other.Contains(Domain));

    /// <summary>The same domains in their other spelling, A-labels for U-labels or back (RFC 5890 §2.3.2.1), or null: they have none.</summary>
    public DomainPattern? InOtherSpelling() => DomainNames.OtherSpelling(Domain) is { } other ? new DomainPattern(other, IsBelow) : null;

    /// <inheritdoc/>
    public override string ToString() => IsBelow ? "*." + Domain : Domain;

    /// <summary>Reads a pattern as it is written in the configuration.</summary>
    /// <param name="text">What is written.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="error">What is wrong with it, as the end of a sentence about it.</param>
    public static bool TryParse(string? text, out DomainPattern pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = default;
        error = Check(text ?? "");
        if (error is not null)
            return false;
        var isBelow = text!.StartsWith("*.", StringComparison.Ordinal);
        pattern = new DomainPattern(DomainNames.Normalize(isBelow ? text[2..] : text), isBelow);
        return true;
    }

    /// <summary>Reads a pattern that is known to be right.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static DomainPattern Parse(string text) =>
        TryParse(text, out var pattern, out var error) ? pattern : throw new FormatException($"'{text}' {error}.");

    private static string? Check(string text)
    {
        if (text.Length == 0)
            return "is empty where a domain is expected";
        if (text[0] == '[')
            return text[^1] == ']' && text.Length > 2 ? null : "is not an address literal such as [192.0.2.1]";
        if (text == "*")
            return "is not a domain: what no other route is for is the default route";
        var domain = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        if (domain.Contains('*', StringComparison.Ordinal))
            return "has an asterisk elsewhere than in front, as in *.example.org";
        if (domain.EndsWith('.'))
            return "ends in a dot: domains in mail have none";
        if (domain.Length > LongestDomain)
            return "is longer than the 255 octets of RFC 5321 §4.5.3.1.2";
        foreach (var label in domain.Split('.'))
        {
            if (label.Length == 0)
                return "has an empty label";
            if (label.Length > LongestLabel)
                return "has a label longer than 63 characters";
            if (label.AsSpan().ContainsAny(NeverInDomain))
                return "has a character that no domain has";
        }
        return null;
    }
}
