using System.Text;

namespace Postrider.Mime.Conversion;

/// <summary>A Content-Type (RFC 2045 §5.1): type and subtype in lower case, and the delimiter of a multipart.</summary>
internal sealed record ContentType(string Type, string Subtype, string? Boundary)
{
    // RFC 2046 §5.1.1.
    private const int LongestBoundary = 70;

    /// <summary>Text, as which everything counts that names no type.</summary>
    public static ContentType Text { get; } = new("text", "plain", null);

    public bool IsMultipart => Type == "multipart";

    /// <summary>Whether its content may be encoded at all; of the composite types it may not (RFC 2045 §6.4, RFC 2046 §5.2).</summary>
    public bool MayBeEncoded => !IsMultipart && !(Type == "message" && Subtype is "rfc822" or "partial" or "external-body");

    /// <summary>Reads the value of the field; what is no type counts as text.</summary>
    public static ContentType Read(ReadOnlySpan<byte> value)
    {
        var text = Encoding.Latin1.GetString(value);
        var at = 0;
        var type = Token(text, ref at);
        Skip(text, ref at);
        if (type.Length == 0 || at >= text.Length || text[at++] != '/')
            return Text;
        var subtype = Token(text, ref at);
        string? boundary = null;
        while (true)
        {
            Skip(text, ref at);
            if (at >= text.Length || text[at++] != ';')
                break;
            var name = Token(text, ref at);
            Skip(text, ref at);
            if (at >= text.Length || text[at] != '=')
                continue;
            at++;
            Skip(text, ref at);
            var given = at < text.Length && text[at] == '"' ? Quoted(text, ref at) : Token(text, ref at);
            if (string.Equals(name, "boundary", StringComparison.OrdinalIgnoreCase) && given.Length is > 0 and <= LongestBoundary)
                boundary ??= given;
        }
        return new ContentType(type.ToLowerInvariant(), subtype.ToLowerInvariant(), boundary);
    }

    /// <summary>The first token of a value, in lower case.</summary>
    public static string FirstToken(ReadOnlySpan<byte> value)
    {
        var at = 0;
        return Token(Encoding.Latin1.GetString(value), ref at).ToLowerInvariant();
    }

    // White space, line ends and comments.
    private static void Skip(string text, ref int at)
    {
        var depth = 0;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '(')
                depth++;
            else if (c == ')' && depth > 0)
                depth--;
            else if (c == '\\' && depth > 0)
                at++;
            else if (depth == 0 && c is not (' ' or '\t' or '\r' or '\n'))
                break;
        }
    }

    private static string Token(string text, ref int at)
    {
        Skip(text, ref at);
        var start = at;
        while (at < text.Length && text[at] > ' ' && text[at] < 127 && !"()<>@,;:\\\"/[]?=".Contains(text[at], StringComparison.Ordinal))
            at++;
        return text[start..at];
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            if (text[at] is not ('\r' or '\n'))
                value.Append(text[at]);
        }
        at++;
        return value.ToString();
    }
}
