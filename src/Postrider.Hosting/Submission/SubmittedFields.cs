using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Postrider.Mime.Headers;

namespace Postrider.Hosting.Submission;

/// <summary>
/// What a message lacks that comes from its author and not from another server (RFC 6409 §8): Date and Message-ID are
/// added, Bcc is taken out (RFC 5322 §3.6.3), addresses get the domain that they lack (RFC 6409 §4.2). The octets received stay as they are; these are edits of their header.
/// </summary>
internal static class SubmittedFields
{
    // RFC 5322 §2.1.1.
    private const int WantedLine = 78;

    private static readonly byte[] fold = "\r\n "u8.ToArray();

    /// <summary>The edits.</summary>
    /// <param name="header">What was seen of the header, which has ended.</param>
    /// <param name="name">A name of the message that no other has on this host.</param>
    /// <param name="hostname">The name of this host.</param>
    /// <param name="domain">The domain of addresses without one, or null: they stay as they are.</param>
    /// <param name="now">The time.</param>
    public static HeaderEdits Mend(HeaderScanner header, string name, string hostname, string? domain, DateTimeOffset now)
    {
        var added = new StringBuilder();
        if (!header.Found.HasFlag(HeaderFields.Date))
            added.Append("Date: ").Append(HeaderText.Date(now)).Append("\r\n");
        if (!header.Found.HasFlag(HeaderFields.MessageId))
            added.Append(CultureInfo.InvariantCulture, $"Message-ID: <{now.ToUnixTimeMilliseconds()}.{name}@{hostname}>\r\n");
        var edits = new List<HeaderEdit>();
        foreach (var (offset, length) in header.BlindCopies)
            edits.Add(new HeaderEdit(offset, length, default));
        if (domain is not null)
            Qualify(header.BareAddresses, Encoding.UTF8.GetBytes($"@{domain}"), edits);
        // Fields of both kinds are mixed, and none of one is in one of the other.
        var mended = header.IsMissing ? HeaderEdits.EmptyLine : new HeaderEdits([.. edits.OrderBy(static edit => edit.Offset)]);
        return added.Length == 0 ? mended : mended.Prepend(Encoding.UTF8.GetBytes(added.ToString()));
    }

    // A line that a domain makes longer than it should be is folded before its address, and goes on in a new one.
    private static void Qualify(IReadOnlyList<BareAddress> addresses, byte[] domain, List<HeaderEdit> edits)
    {
        var (line, from, added) = (-1, 0, 0);
        foreach (var address in addresses)
        {
            if (address.Start - address.Column != line)
                (line, from, added) = (address.Start - address.Column, 0, 0);
            if (address.Column > from && address.Column - from + address.End - address.Start + added + domain.Length > WantedLine)
            {
                edits.Add(new HeaderEdit(address.Start, 0, fold));
                (from, added) = (address.Column - 1, 0);
            }
            edits.Add(new HeaderEdit(address.End, 0, domain));
            added += domain.Length;
        }
    }
}
