using System.Text;

namespace Postrider.Smtp.Replies;

/// <summary>What <see cref="ReplyParser.Read"/> found.</summary>
public enum ReplyParse
{
    /// <summary>The reply is not complete: all input is taken, more is needed.</summary>
    NeedMore,

    /// <summary>A reply is complete; it can be read until the next call.</summary>
    Complete,

    /// <summary>What came is no reply, or too long; <see cref="ReplyParser.Problem"/> says why. The connection is of no more use.</summary>
    Malformed,
}

/// <summary>
/// Reads the replies of a server from bytes that come in pieces of any size (RFC 5321 §4.2). Strict
/// about codes and continuation, lenient where servers in the field are: a bare LF ends a line, the
/// text may be missing, lines may be longer than 512 octets. Never holds more than its limits.
/// </summary>
public sealed class ReplyParser
{
    private readonly int maxLine;
    private readonly int maxReply;
    private readonly List<int> lineEnds = new(1);
    private byte[] partial = [];
    private int partialLength;
    private byte[] text = new byte[128];
    private int textLength;
    private bool isComplete;

    /// <summary>Makes a parser.</summary>
    /// <param name="maxLineOctets">The longest line taken, CRLF included; RFC 5321 §4.5.3.1.5 allows 512.</param>
    /// <param name="maxReplyOctets">The longest reply taken, all its lines together.</param>
    public ReplyParser(int maxLineOctets = 4_096, int maxReplyOctets = 65_536)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLineOctets, 512);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxReplyOctets, maxLineOctets);
        maxLine = maxLineOctets;
        maxReply = maxReplyOctets;
    }

    /// <summary>The code of the reply, 200 to 599.</summary>
    public int Code { get; private set; }

    /// <summary>The enhanced status code of the first line, or none: where it is missing, or its class is not that of the code (RFC 2034 §4).</summary>
    public EnhancedStatusCode Enhanced { get; private set; }

    /// <summary>How many lines the reply has.</summary>
    public int LineCount => lineEnds.Count;

    /// <summary>Whether a part of a reply has come and the rest has not.</summary>
    public bool IsMidReply => !isComplete && (partialLength > 0 || lineEnds.Count > 0);

    /// <summary>Why the input is malformed, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The text of a line, without code and CRLF, as it came.</summary>
    public ReadOnlySpan<byte> Line(int index)
    {
        var start = index == 0 ? 0 : lineEnds[index - 1];
        return text.AsSpan(start, lineEnds[index] - start);
    }

    /// <summary>Reads on. After <see cref="ReplyParse.Malformed"/> every call says the same.</summary>
    /// <param name="input">What has come from the server.</param>
    /// <param name="consumed">How much of it is done with; all of it unless a reply is complete.</param>
    public ReplyParse Read(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (Problem is not null)
            return ReplyParse.Malformed;
        if (isComplete)
            Clear();
        while (consumed < input.Length)
        {
            var rest = input[consumed..];
            var end = rest.IndexOf((byte)'\n');
            var taken = end < 0 ? rest.Length : end + 1;
            if (partialLength + taken > maxLine || textLength + (4 * lineEnds.Count) + partialLength + taken > maxReply)
                return Fail("a reply too long");
            consumed += taken;
            if (end < 0)
            {
                Keep(rest);
                break;
            }
            var line = rest[..end];
            if (partialLength > 0)
            {
                Keep(line);
                line = partial.AsSpan(0, partialLength);
                partialLength = 0;
            }
            if (line is [.. var withoutCr, (byte)'\r'])
                line = withoutCr;
            switch (TakeLine(line))
            {
                case ReplyParse.Complete:
                    isComplete = true;
                    Enhanced = EnhancedOf(Line(0), out _);
                    return ReplyParse.Complete;
                case ReplyParse.Malformed:
                    return ReplyParse.Malformed;
            }
        }
        return ReplyParse.NeedMore;
    }

    /// <summary>
    /// The text of the reply in one line: enhanced status codes taken off, lines joined by a space,
    /// control characters and bytes that are no UTF-8 replaced.
    /// </summary>
    public string ToText()
    {
        var joined = "";
        for (var i = 0; i < LineCount; i++)
        {
            var line = Line(i);
            EnhancedOf(line, out var length);
            var part = Encoding.UTF8.GetString(line[length..]).Trim();
            joined = joined.Length == 0 ? part : part.Length == 0 ? joined : $"{joined} {part}";
        }
        var characters = joined.AsSpan();
        return characters.ContainsAnyInRange('\0', '\x1f') || characters.ContainsAnyInRange('\x7f', '\x9f')
            ? string.Create(joined.Length, joined, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = char.IsControl(source[i]) ? '?' : source[i];
            })
            : joined;
    }

    private void Clear()
    {
        isComplete = false;
        lineEnds.Clear();
        textLength = 0;
        Code = 0;
        Enhanced = default;
    }

    private ReplyParse TakeLine(ReadOnlySpan<byte> line)
    {
        // RFC 5321 §4.2: three digits, then a hyphen where another line follows, else a space, or nothing.
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2])
            || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')))
            return Fail("a line that is no SMTP reply");
        var code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        // RFC 5321 §4.2.1: every line of a reply has the same code.
        if (lineEnds.Count > 0 && code != Code)
            return Fail("a reply with different codes in its lines");
        Code = code;
        var content = line.Length > 4 ? line[4..] : [];
        if (textLength + content.Length > text.Length)
            Array.Resize(ref text, Math.Max(text.Length * 2, textLength + content.Length));
        content.CopyTo(text.AsSpan(textLength));
        textLength += content.Length;
        lineEnds.Add(textLength);
        return line.Length > 3 && line[3] == '-' ? ReplyParse.NeedMore : ReplyParse.Complete;
    }

    private void Keep(ReadOnlySpan<byte> octets)
    {
        if (partialLength + octets.Length > partial.Length)
            Array.Resize(ref partial, Math.Max(Math.Max(partial.Length * 2, 128), partialLength + octets.Length));
        octets.CopyTo(partial.AsSpan(partialLength));
        partialLength += octets.Length;
    }

    private ReplyParse Fail(string problem)
    {
        Problem = problem;
        return ReplyParse.Malformed;
    }

    private EnhancedStatusCode EnhancedOf(ReadOnlySpan<byte> line, out int length)
    {
        Span<char> start = stackalloc char[12];
        var count = Math.Min(line.Length, start.Length);
        for (var i = 0; i < count; i++)
            start[i] = (char)line[i];
        if (EnhancedStatusCode.TryParse(start[..count], out var code, out length) && code.Class == Code / 100)
            return code;
        length = 0;
        return default;
    }
}
