using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Postrider.Mime.Headers;

namespace Postrider.Hosting.Submission;

/// <summary>
/// What a message lacks that comes from its author and not from another server (RFC 6409 §8): Date and Message-ID are
/// added, Bcc is taken out (RFC 5322 §3.6.3). The octets received stay as they are; these are edits of their header.
/// </summary>
internal static class SubmittedFields
{
    /// <summary>The edits.</summary>
    /// <param name="header">What was seen of the header, which has ended.</param>
    /// <param name="name">A name of the message that no other has on this host.</param>
    /// <param name="hostname">The name of this host.</param>
    /// <param name="now">The time.</param>
    public static HeaderEdits Mend(HeaderScanner header, string name, string hostname, DateTimeOffset now)
    {
        var added = new StringBuilder();
        if (!header.Found.HasFlag(HeaderFields.Date))
            added.Append("Date: ").Append(HeaderText.Date(now)).Append("\r\n");
        if (!header.Found.HasFlag(HeaderFields.MessageId))
            added.Append(CultureInfo.InvariantCulture, $"Message-ID: <{now.ToUnixTimeMilliseconds()}.{name}@{hostname}>\r\n");
        var edits = ImmutableArray.CreateBuilder<HeaderEdit>();
        foreach (var (offset, length) in header.BlindCopies)
            edits.Add(new HeaderEdit(offset, length, default));
        var taken = new HeaderEdits(edits.ToImmutable());
        return added.Length == 0 ? taken : taken.Prepend(Encoding.UTF8.GetBytes(added.ToString()));
    }
}
