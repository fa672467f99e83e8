namespace Postrider.Smtp.Replies;

/// <summary>A reply of the catalogue with one word left open, such as the server's name or what was wrong.</summary>
public sealed class ReplyTemplate
{
    private readonly string before;
    private readonly string after;

    internal ReplyTemplate(int code, EnhancedStatusCode enhanced, string text)
    {
        Code = code;
        Enhanced = enhanced;
        var open = text.IndexOf("{0}", StringComparison.Ordinal);
        before = text[..open];
        after = text[(open + 3)..];
    }

    /// <summary>The code of the replies made of it.</summary>
    public int Code { get; }

    /// <summary>Their enhanced status code.</summary>
    public EnhancedStatusCode Enhanced { get; }

    /// <summary>Makes the reply.</summary>
    /// <param name="word">What stands in the open place; no CR, LF or NUL in it.</param>
    /// <exception cref="ArgumentException">The word would break the framing.</exception>
    public Reply With(string word) => new(Code, Enhanced, before + word + after);

    /// <summary>Whether a reply could have been made of this template.</summary>
    public bool Matches(Reply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return reply.Code == Code && reply.Enhanced == Enhanced && reply.Lines is [var line]
            && line.StartsWith(before, StringComparison.Ordinal) && line.EndsWith(after, StringComparison.Ordinal);
    }
}
