using System.Text;
using Postrider.Smtp.Addresses;

namespace Postrider.Mime.Headers;

/// <summary>
/// The field by which a message is known that has been at an address before: an alias, list or forward that it
/// comes back to would go round in a circle (RFC 9228).
/// </summary>
public static class DeliveredToField
{
    private const int LongestValue = 400;

    /// <summary>The field with its CRLF: <c>Delivered-To: team@example.org</c>.</summary>
    public static byte[] Format(Mailbox mailbox) => Encoding.UTF8.GetBytes($"Delivered-To: {mailbox}\r\n");

    /// <summary>Whether a header block has such a field for an address.</summary>
    /// <param name="header">The header block, as far as it is known.</param>
    /// <param name="mailbox">The address, compared without regard to case.</param>
    public static bool Contains(ReadOnlySpan<byte> header, Mailbox mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        var wanted = mailbox.ToString();
        while (!header.IsEmpty)
        {
            var end = header.IndexOf((byte)'\n');
            var line = (end < 0 ? header : header[..end]).TrimEnd(" \t\r"u8);
            header = end < 0 ? default : header[(end + 1)..];
            if (line.IsEmpty)
                return false;
            const int Name = 13;
            if (line.Length > Name && line.Length < LongestValue && Ascii.EqualsIgnoreCase(line[..Name], "delivered-to:"u8)
                && string.Equals(Encoding.UTF8.GetString(line[Name..].Trim(" \t<>"u8)), wanted, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
