using System.Globalization;
using System.Text;
using Postrider.Smtp.Addresses;

namespace Postrider.Commands;

/// <summary>Makes the message that <c>send</c> sends: from its parts, or of a file as it is.</summary>
internal static class MessageText
{
    /// <summary>A message of plain text in UTF-8.</summary>
    public static byte[] Compose(ReversePath from, IReadOnlyList<Mailbox> to, string subject, string body, DateTimeOffset now, string id)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"From: <{from}>\r\n")
            .Append(CultureInfo.InvariantCulture, $"To: {string.Join(",\r\n ", to.Select(static mailbox => $"<{mailbox}>"))}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Subject: {EncodeSubject(subject)}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Date: {now.ToString("ddd, d MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture)}{now.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal)}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Message-ID: <{id}>\r\n")
            .Append("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
            .Append(body);
        return WithLineEndings(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>The text with CRLF at the end of each line and at its end (RFC 5321 §2.3.8).</summary>
    public static byte[] WithLineEndings(ReadOnlySpan<byte> text)
    {
        var output = new List<byte>(text.Length + 64);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
                output.Add((byte)'\r');
            output.Add(text[i]);
            if (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'))
                output.Add((byte)'\n');
        }
        if (output.Count > 0 && output[^1] != '\n')
            output.AddRange("\r\n"u8);
        return [.. output];
    }

    // RFC 2047: an encoded word has 75 characters at most, and cuts no character in two.
    private static string EncodeSubject(string subject)
    {
        if (subject.All(static c => c is >= ' ' and <= '~'))
            return subject;
        var words = new List<string>();
        var piece = new List<byte>();
        foreach (var rune in subject.EnumerateRunes())
        {
            var octets = Encoding.UTF8.GetBytes(rune.ToString());
            if (piece.Count + octets.Length > 42)
            {
                words.Add($"=?utf-8?B?{Convert.ToBase64String([.. piece])}?=");
                piece.Clear();
            }
            piece.AddRange(octets);
        }
        words.Add($"=?utf-8?B?{Convert.ToBase64String([.. piece])}?=");
        return string.Join("\r\n ", words);
    }
}
