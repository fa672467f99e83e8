using System.Collections.Frozen;
using System.Text;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Client;

/// <summary>What a server said of itself in its reply to EHLO (RFC 5321 §4.1.1.1), or to HELO.</summary>
public sealed class PeerCapabilities
{
    private readonly FrozenDictionary<string, string> keywords;

    private PeerCapabilities(string name, bool isExtended, TlsFacts? tls, Dictionary<string, string> keywords)
    {
        Name = name;
        IsExtended = isExtended;
        Tls = tls;
        this.keywords = keywords.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        HasPipelining = Offers("PIPELINING");
    }

    /// <summary>The name by which the server calls itself; empty where it gave none.</summary>
    public string Name { get; }

    /// <summary>Whether it took EHLO.</summary>
    public bool IsExtended { get; }

    /// <summary>The protection under which it said so; null where that was in the clear.</summary>
    public TlsFacts? Tls { get; }

    /// <summary>Whether commands may be sent before the replies to earlier ones have come (RFC 2920).</summary>
    public bool HasPipelining { get; }

    /// <summary>The keywords offered, in no order.</summary>
    public IEnumerable<string> Keywords => keywords.Keys;

    /// <summary>Whether an extension is offered; case does not matter.</summary>
    public bool Offers(string keyword) => keywords.ContainsKey(keyword);

    /// <summary>The parameters of an extension that is offered, as they came; null where it is not.</summary>
    public string? Parameters(string keyword) => keywords.GetValueOrDefault(keyword);

    /// <summary>Reads the reply to EHLO or HELO. Lines that are no keyword are passed over.</summary>
    /// <param name="reply">A complete, positive reply.</param>
    /// <param name="isExtended">Whether it answers EHLO.</param>
    /// <param name="tls">What protects the connection, or null.</param>
    public static PeerCapabilities Read(ReplyParser reply, bool isExtended, TlsFacts? tls = null)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var offered = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 1; isExtended && i < reply.LineCount; i++)
        {
            var line = Encoding.UTF8.GetString(reply.Line(i)).Trim();
            // Old servers write "AUTH=LOGIN"; the keyword ends there as it does at a space.
            var end = line.AsSpan().IndexOfAny(' ', '=', '\t');
            var keyword = end < 0 ? line : line[..end];
            if (IsKeyword(keyword))
                offered.TryAdd(keyword, end < 0 ? "" : line[(end + 1)..].Trim());
        }
        var first = Encoding.UTF8.GetString(reply.Line(0)).Trim();
        var space = first.IndexOf(' ', StringComparison.Ordinal);
        return new PeerCapabilities(space < 0 ? first : first[..space], isExtended, tls, offered);
    }

    private static bool IsKeyword(string text)
    {
        if (text.Length == 0 || !char.IsAsciiLetterOrDigit(text[0]))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
        }
        return true;
    }
}
