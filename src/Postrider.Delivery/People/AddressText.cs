using System.Diagnostics.CodeAnalysis;
using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.People;

/// <summary>Reads addresses as files of users, aliases and lists write them.</summary>
internal static class AddressText
{
    private const int LongestFullName = 200;

    /// <summary>Reads <c>anna</c>, <c>anna@example.org</c>, <c>&lt;anna@example.org&gt;</c> or <c>Anna Smith &lt;anna@example.org&gt;</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="domain">The domain of an address that has none.</param>
    /// <param name="mailbox">What was read.</param>
    /// <param name="error">What is wrong, as the end of a sentence about the text.</param>
    public static bool TryParse(string text, string domain, [NotNullWhen(true)] out NamedMailbox? mailbox, [NotNullWhen(false)] out string? error)
    {
        mailbox = null;
        var address = text.Trim();
        string? fullName = null;
        if (address.EndsWith('>') && address.LastIndexOf('<') is >= 0 and var open)
        {
            fullName = Unquote(address[..open].Trim());
            address = address[(open + 1)..^1].Trim();
        }
        error = fullName is null ? null : CheckFullName(fullName);
        if (error is not null || !TryParseAddress(address, domain, out var parsed, out error))
            return false;
        mailbox = new NamedMailbox(parsed, string.IsNullOrEmpty(fullName) ? null : fullName);
        return true;
    }

    /// <summary>What is wrong with a full name, as the end of a sentence, or null.</summary>
    public static string? CheckFullName(string fullName) =>
        fullName.Length > LongestFullName ? $"is longer than {LongestFullName} characters"
        : fullName.AsSpan().ContainsAny('<', '>') ? "has an angle bracket in the full name"
        : fullName.Any(char.IsControl) ? "has a control character in the full name"
        : null;

    private static bool TryParseAddress(string address, string domain, [NotNullWhen(true)] out Mailbox? mailbox, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (AddressParser.TryParseMailbox(address, out mailbox, out var fault))
            return true;
        if (fault.Fault == AddressFault.NoDomain && AddressParser.TryParseMailbox($"{address}@{domain}", out mailbox, out fault))
            return true;
        error = $"is not an address: {fault}";
        return false;
    }

    private static string Unquote(string text) =>
        text is ['"', .. var inner, '"'] ? inner.Replace("\\\"", "\"", StringComparison.Ordinal) : text;
}
