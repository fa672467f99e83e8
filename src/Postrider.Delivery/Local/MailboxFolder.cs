using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.Local;

/// <summary>
/// The folder of a mailbox below the root: <c>example.org/bob</c>. Lower case, percent-encoded but for
/// letters, digits and a few signs, a hash beyond 100 characters: a name that every system takes, and
/// that leads nowhere else whatever a peer wrote (rule 20 of the queue).
/// </summary>
internal static class MailboxFolder
{
    public const int LongestSegment = 100;
    private const int KeptOfLongSegment = 40;
    private const int HashOctets = 16;

    /// <summary>The name for an empty part: no other part gives a lone percent sign.</summary>
    private const string EmptySegment = "%";

    /// <summary>The folder, relative to the root.</summary>
    public static string Of(Mailbox mailbox) =>
        Path.Join(Segment(DomainNames.Normalize(mailbox.Domain)), Segment(DomainNames.Fold(mailbox.LocalPart)));

    /// <summary>One name of the path. Different texts give different names.</summary>
    public static string Segment(string text)
    {
        if (text.Length == 0)
            return EmptySegment;
        var octets = Encoding.UTF8.GetBytes(text);
        var name = new StringBuilder(octets.Length + 16);
        for (var i = 0; i < octets.Length; i++)
        {
            var octet = octets[i];
            var isPlain = char.IsAsciiLetterLower((char)octet) || char.IsAsciiDigit((char)octet)
                || octet is (byte)'_' or (byte)'+' or (byte)'='
                || (octet == '-' && i > 0)
                // No hidden folder, no "..", and none that Windows would shorten.
                || (octet == '.' && i > 0 && i < octets.Length - 1);
            Append(name, octet, isPlain);
        }
        if (IsReservedOnWindows(text))
        {
            var first = octets[0];
            name.Remove(0, 1);
            name.Insert(0, $"%{first:x2}");
        }

        // What is not well-formed has lost something on the way to UTF-8; the hash is of all of it.
        var isWhole = DomainNames.IsWellFormed(text);
        if (isWhole && name.Length <= LongestSegment)
            return name.ToString();
        var hash = SHA256.HashData(isWhole ? octets : MemoryMarshal.AsBytes(text.AsSpan()).ToArray());
        name.Length = Math.Min(name.Length, KeptOfLongSegment);
        return name.Append("%h").Append(Convert.ToHexStringLower(hash, 0, HashOctets)).ToString();
    }

    private static void Append(StringBuilder name, byte octet, bool isPlain)
    {
        if (isPlain)
            name.Append((char)octet);
        else
            name.Append('%').Append(Convert.ToHexStringLower([octet]));
    }

    // These are devices in every folder, with any extension.
    private static bool IsReservedOnWindows(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var stem = dot < 0 ? text.AsSpan() : text.AsSpan(0, dot);
        return stem is "con" or "prn" or "aux" or "nul"
            || (stem.Length == 4 && char.IsAsciiDigit(stem[3]) && (stem.StartsWith("com", StringComparison.Ordinal) || stem.StartsWith("lpt", StringComparison.Ordinal)));
    }
}
