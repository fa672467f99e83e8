using System.Globalization;
using System.Text;

namespace Postrider.Delivery.Terminals;

/// <summary>
/// A message as a terminal shows it: who it is from, its subject, its text. Nothing in it speaks to the terminal: of
/// control characters tabs and line ends alone are left, and its length is bounded.
/// </summary>
internal static class TerminalText
{
    /// <summary>Octets of the message that are looked at.</summary>
    public const int MostOctets = 16 * 1024;

    private const int MostCharacters = 4000;
    private const int MostLines = 60;
    private const string LineEnd = "\r\n";

    /// <summary>Makes it.</summary>
    /// <param name="sender">The reverse-path; empty for none.</param>
    /// <param name="host">This server.</param>
    /// <param name="now">The time to show.</param>
    /// <param name="message">The start of the message, header and all.</param>
    /// <param name="isWhole">Whether that is all of it.</param>
    public static string Of(string sender, string host, DateTimeOffset now, ReadOnlySpan<byte> message, bool isWhole)
    {
        var end = message.IndexOf("\r\n\r\n"u8);
        var header = end < 0 ? message : message[..end];
        var text = Encoding.UTF8.GetString(end < 0 ? default : message[(end + 4)..]);

        var shown = new StringBuilder(LineEnd);
        Append(shown, $"Message from <{sender}> at {host} at {now.ToString("HH:mm", CultureInfo.InvariantCulture)} ...", MostCharacters);
        shown.Append(LineEnd);
        if (SubjectOf(Encoding.UTF8.GetString(header)) is { Length: > 0 } subject)
        {
            Append(shown, $"Subject: {subject}", MostCharacters);
            shown.Append(LineEnd);
        }
        var lines = text.TrimEnd('\r', '\n', ' ', '\t').Split('\n');
        var left = MostCharacters;
        var count = 0;
        for (; count < lines.Length && count < MostLines && left > 0; count++)
        {
            left -= Append(shown, lines[count].TrimEnd('\r'), left);
            shown.Append(LineEnd);
        }
        if (!isWhole || count < lines.Length || left <= 0)
            shown.Append("(more)").Append(LineEnd);
        return shown.Append("EOF").Append(LineEnd).ToString();
    }

    // What is written here is read by a program that obeys: escape sequences, C1 controls, text that runs backwards.
    private static int Append(StringBuilder shown, string text, int most)
    {
        var before = shown.Length;
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length - before >= most)
                break;
            var isPrintable = rune.Value == '\t' || Rune.GetUnicodeCategory(rune) is not (
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            shown.Append(isPrintable ? rune.ToString() : "?");
        }
        return shown.Length - before;
    }

    private static string? SubjectOf(string header)
    {
        string? subject = null;
        foreach (var line in header.Split(LineEnd))
        {
            if (subject is not null && line is [' ' or '\t', ..])
                subject += line;
            else if (subject is not null)
                break;
            else if (line.StartsWith("Subject:", StringComparison.OrdinalIgnoreCase))
                subject = line["Subject:".Length..];
        }
        return subject?.Trim(' ', '\t');
    }
}
