using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postrider.Smtp.Replies;

/// <summary>
/// A reply of a server: a code of three digits, an enhanced status code, and one or more lines of
/// text (RFC 5321 §4.2, RFC 2034). Immutable; the bytes are made once.
/// </summary>
public sealed class Reply
{
    /// <summary>The longest line of a reply, with code and CRLF: 512 octets (RFC 5321 §4.5.3.1.5).</summary>
    public const int MaxLineLength = 512;

    // What code, the longest enhanced code and CRLF leave of a line.
    private const int Room = MaxLineLength - 16;

    private readonly byte[] wire;

    /// <summary>Makes a reply.</summary>
    /// <param name="code">200 to 599.</param>
    /// <param name="enhanced">The enhanced status code, or default for the replies that carry none (RFC 2034 §4).</param>
    /// <param name="lines">
    /// The text; one line at least, none with CR, LF or NUL in it. One that makes a line of more than <see cref="MaxLineLength"/>
    /// is broken into several, behind a space where there is one.
    /// </param>
    /// <exception cref="ArgumentException">The code is out of range or a line cannot be sent.</exception>
    public Reply(int code, EnhancedStatusCode enhanced, params IReadOnlyList<string> lines)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 599);
        ArgumentNullException.ThrowIfNull(lines);
        if (lines.Count == 0)
            throw new ArgumentException("A reply has at least one line of text.", nameof(lines));
        foreach (var line in lines)
        {
            if (line.AsSpan().ContainsAny('\r', '\n', '\0'))
                throw new ArgumentException("A line of a reply holds no CR, LF or NUL.", nameof(lines));
        }

        Code = code;
        Enhanced = enhanced;
        // A challenge is one line however long it is (RFC 4954 §4).
        Lines = code == 334 || Fits(lines) ? lines : Broken(lines);
        wire = MakeWire();
    }

    /// <summary>The code, 200 to 599.</summary>
    public int Code { get; }

    /// <summary>The enhanced status code, or none.</summary>
    public EnhancedStatusCode Enhanced { get; }

    /// <summary>The lines of text, without code and enhanced status code.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>2yz or 3yz: the command succeeded, or goes on.</summary>
    public bool IsPositive => Code < 400;

    /// <summary>4yz: the same command may succeed later (RFC 5321 §4.2.1).</summary>
    public bool IsTransientFailure => Code is >= 400 and < 500;

    /// <summary>5yz: the command will not succeed if repeated.</summary>
    public bool IsPermanentFailure => Code >= 500;

    /// <summary>The reply as it goes over the wire, CRLF at the end of each line.</summary>
    public ReadOnlySpan<byte> Wire => wire;

    /// <summary>Appends the reply to what is to be sent.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(wire);
    }

    /// <summary>The reply in one line, as a log shows it.</summary>
    public override string ToString()
    {
        var text = string.Join(" / ", Lines);
        return Enhanced.IsNone
            ? string.Create(CultureInfo.InvariantCulture, $"{Code} {text}")
            : string.Create(CultureInfo.InvariantCulture, $"{Code} {Enhanced} {text}");
    }

    private static bool Fits(IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            // No unit of UTF-16 takes more than three octets.
            if (line.Length > Room / 3 && Encoding.UTF8.GetByteCount(line) > Room)
                return false;
        }
        return true;
    }

    private static List<string> Broken(IReadOnlyList<string> lines)
    {
        var broken = new List<string>();
        foreach (var line in lines)
        {
            var rest = line.AsSpan();
            for (var part = Part(rest); part < rest.Length; part = Part(rest))
            {
                broken.Add(rest[..part].TrimEnd(' ').ToString());
                rest = rest[part..];
            }
            broken.Add(rest.ToString());
        }
        return broken;
    }

    // How much of a text fits: up to the last space within the room, or else as many characters as there is room for.
    private static int Part(ReadOnlySpan<char> text)
    {
        var (length, octets, behindSpace) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            octets += rune.Utf8SequenceLength;
            if (octets > Room)
                return behindSpace > 0 ? behindSpace : length;
            length += rune.Utf16SequenceLength;
            if (rune.Value == ' ')
                behindSpace = length;
        }
        return text.Length;
    }

    private byte[] MakeWire()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Lines.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Code}{(i == Lines.Count - 1 ? ' ' : '-')}");
            if (!Enhanced.IsNone)
                text.Append(CultureInfo.InvariantCulture, $"{Enhanced} ");
            text.Append(Lines[i]).Append("\r\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
