using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>Messages whose octets are easily changed on the way.</summary>
public static class SampleContent
{
    /// <summary>How each of them ends.</summary>
    public const string LastLine = "\r\nlast\r\n";

    /// <summary>Octets above 127, dots at line starts, blanks at line ends, empty lines; no line over 998 octets.</summary>
    public static byte[] EightBit { get; } = Make([
        "Grüße, und 日本語 in UTF-8", "\xE9 in Latin-1 \x80\xFF", ".", "..", ".leading dot", "trailing blanks  \t", "", "From here", new string('x', 998), "last"]);

    /// <summary>The same with lines over 998 octets, which RFC 5321 §4.5.3.1.6 does not promise but mail has.</summary>
    public static byte[] LongLines { get; } = Make([new string('y', 999), "." + new string('z', 1500), new string('é', 2000), "last"]);

    /// <summary>Checks that a delivered message is what was sent, behind the fields that servers put before it.</summary>
    public static void AssertUnchanged(byte[] sent, byte[] delivered)
    {
        Assert.True(delivered.Length >= sent.Length, $"{delivered.Length} octets arrived of {sent.Length}:\n{Encoding.Latin1.GetString(delivered)}");
        Assert.Equal(Encoding.Latin1.GetString(sent), Encoding.Latin1.GetString(delivered.AsSpan(delivered.Length - sent.Length)));
        var added = Encoding.Latin1.GetString(delivered.AsSpan(0, delivered.Length - sent.Length));
        Assert.All(added.Split("\r\n", StringSplitOptions.RemoveEmptyEntries), static line => Assert.Matches("^([A-Za-z-]+:|[ \t])", line));
    }

    private static byte[] Make(string[] lines)
    {
        string[] header = ["From: sender@raw.example", "To: b@example.net", "Subject: sample", "Date: Sat, 21 Nov 2026 12:00:00 +0000", "Message-ID: <sample@raw.example>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", ""];
        // Characters up to U+00FF stand for octets, the others for their UTF-8.
        return [.. header.Concat(lines).SelectMany(static line => line.SelectMany(static c => c <= 0xFF ? [(byte)c] : Encoding.UTF8.GetBytes([c])).Concat("\r\n"u8.ToArray()))];
    }
}
