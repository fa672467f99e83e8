namespace Postrider.Delivery.Local;

/// <summary>How lines end in a mailbox file.</summary>
public enum MailboxLineEnding
{
    /// <summary>LF alone, as programs that read Maildirs expect.</summary>
    Lf,

    /// <summary>CRLF, the octets as they were received.</summary>
    CrLf,
}

internal static class LineEndings
{
    /// <summary>Makes LF of each CRLF in place. A CR that is no part of a CRLF stays.</summary>
    /// <returns>How long the text is now.</returns>
    public static int ToLf(Span<byte> text)
    {
        var to = text.IndexOf("\r\n"u8);
        if (to < 0)
            return text.Length;
        var from = to;
        while (true)
        {
            from++;
            var rest = text[from..];
            var next = rest.IndexOf("\r\n"u8);
            var count = next < 0 ? rest.Length : next;
            rest[..count].CopyTo(text[to..]);
            to += count;
            from += count;
            if (next < 0)
                return to;
        }
    }
}
