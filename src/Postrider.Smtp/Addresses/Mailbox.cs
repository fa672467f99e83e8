using System.Text;

namespace Postrider.Smtp.Addresses;

/// <summary>
/// A mailbox: a local part at a domain (RFC 5321 §4.1.2). The domain is empty for the bare
/// <c>&lt;postmaster&gt;</c> (§4.1.1.3), and stands in brackets for an address literal (§4.1.3).
/// </summary>
/// <remarks>Local parts compare by their bytes, domains without regard to case (§2.4).</remarks>
public sealed class Mailbox : IEquatable<Mailbox>
{
    /// <summary>Makes a mailbox of parts that have been parsed already.</summary>
    /// <param name="localPart">The local part with quoting removed; not empty.</param>
    /// <param name="domain">A domain name, an address literal with its brackets, or empty.</param>
    public Mailbox(string localPart, string domain)
    {
        ArgumentException.ThrowIfNullOrEmpty(localPart);
        ArgumentNullException.ThrowIfNull(domain);
        LocalPart = localPart;
        Domain = domain;
    }

    /// <summary>The local part as it is meant: quotes and backslashes of a quoted string are removed.</summary>
    public string LocalPart { get; }

    /// <summary>The domain as the peer wrote it; empty for the bare postmaster.</summary>
    public string Domain { get; }

    /// <summary>Whether the domain is an address literal such as <c>[192.0.2.1]</c>.</summary>
    public bool IsLiteral => Domain.StartsWith('[');

    /// <summary>Whether this is <c>postmaster</c> without a domain, which every server must accept (RFC 5321 §4.5.1).</summary>
    public bool IsBarePostmaster => Domain.Length == 0;

    /// <summary>Whether the mailbox can be written without SMTPUTF8 (RFC 6531).</summary>
    public bool IsAscii => Ascii.IsValid(LocalPart) && Ascii.IsValid(Domain);

    /// <inheritdoc/>
    public bool Equals(Mailbox? other) =>
        other is not null
        && string.Equals(LocalPart, other.LocalPart, StringComparison.Ordinal)
        && string.Equals(Domain, other.Domain, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Mailbox);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(LocalPart.GetHashCode(StringComparison.Ordinal), Domain.GetHashCode(StringComparison.OrdinalIgnoreCase));

    /// <summary>The mailbox as it stands between angle brackets, the local part quoted where it must be.</summary>
    public override string ToString()
    {
        var local = IsDotString(LocalPart) ? LocalPart : Quote(LocalPart);
        return Domain.Length == 0 ? local : $"{local}@{Domain}";
    }

    // RFC 5321 §4.1.2 Dot-string, with the characters that RFC 6531 §3.3 adds.
    private static bool IsDotString(string text)
    {
        var previousIsDot = true;
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (previousIsDot)
                    return false;
                previousIsDot = true;
                continue;
            }
            previousIsDot = false;
            if (!IsAtomText(c))
                return false;
        }
        return !previousIsDot;
    }

    private static bool IsAtomText(char c) =>
        char.IsAsciiLetterOrDigit(c) || c >= 0x80 || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal);

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }
}
