using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Unicode;
using Postrider.Smtp.Addresses;

namespace Postrider.Mime.Headers;

/// <summary>
/// The trace field that each server puts before a message it takes (RFC 5321 §4.4): from whom, by
/// whom, how, under which name, for whom, when.
/// </summary>
public readonly record struct ReceivedField
{
    private const int LongestName = 255;

    private static readonly SearchValues<char> SafeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");

    /// <summary>What the peer called itself in EHLO or HELO, or null where nothing was said (mail from this host).</summary>
    public string? PeerName { get; init; }

    /// <summary>The peer's address, or null.</summary>
    public IPAddress? PeerAddress { get; init; }

    /// <summary>The host name that goes with that address, or null.</summary>
    public string? PeerHostname { get; init; }

    /// <summary>The name of this host.</summary>
    public required string ByHost { get; init; }

    /// <summary>How it came (RFC 3848, RFC 6531 §4.3), such as ESMTP or ESMTPSA: letters and digits.</summary>
    public required string Protocol { get; init; }

    /// <summary>Version and cipher suite of TLS, such as <c>TLSv1.3 TLS_AES_256_GCM_SHA384</c>, or null in the clear.</summary>
    public string? Tls { get; init; }

    /// <summary>Whether the transaction is an internationalized one (RFC 6531 §3.7.3): the field may hold UTF-8.</summary>
    public bool IsInternational { get; init; }

    /// <summary>The name the message is queued under.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// The recipient, where it is the only one; null otherwise: the field would tell one recipient of
    /// another (RFC 5321 §7.2).
    /// </summary>
    public Mailbox? For { get; init; }

    /// <summary>The priority it is given, -9 to 9 (RFC 6710), or null where nothing was said of it.</summary>
    public sbyte? Priority { get; init; }

    /// <summary>When the message was received.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The field, folded, with its CRLF.</summary>
    public byte[] Format()
    {
        var tls = Tls is null ? "" : $" ({Tls})";
        var literal = PeerAddress is null ? null : HeaderText.AddressLiteral(PeerAddress);
        var client = PeerHostname is null ? literal : $"{Safe(PeerHostname)} {literal}";
        var from = (PeerName, literal) switch
        {
            (null, null) => "",
            (null, _) => $"from {literal} ({client})\r\n\t",
            (_, null) => $"from {Safe(PeerName)}\r\n\t",
            _ => $"from {Safe(PeerName)} ({client})\r\n\t",
        };
        // RFC 5321 §4.4: registered clauses of others stand last.
        var clauses = Priority is { } priority ? string.Create(CultureInfo.InvariantCulture, $" PRIORITY {priority}") : "";
        var recipient = For is not null && (IsInternational || For.IsAscii) ? $"\r\n\tfor <{For}>{clauses}; " : $"{clauses};\r\n\t";

        // Names and path are bounded (RFC 5321 §4.5.3.1), so this is ample for all of them in UTF-8.
        Span<byte> text = stackalloc byte[4096];
        if (!Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"Received: {from}by {Safe(ByHost)} with {Protocol}{tls} id {Id}{recipient}", out var length)
            || length > text.Length - HeaderText.DateLength - 2)
        {
            throw new InvalidOperationException("A name in the Received field is longer than RFC 5321 §4.5.3.1 allows.");
        }
        length += HeaderText.WriteDate(text[length..], Date);
        text[length++] = (byte)'\r';
        text[length++] = (byte)'\n';
        return text[..length].ToArray();
    }

    // The session has checked the name; whatever comes by another way must not end the field or open a comment.
    private string Safe(string name)
    {
        if (name.Length > LongestName)
            name = name[..LongestName];
        if (!name.AsSpan().ContainsAnyExcept(SafeCharacters))
            return name;
        return string.Create(name.Length, (Name: name, AllowsUtf8: IsInternational), static (safe, from) =>
        {
            for (var i = 0; i < safe.Length; i++)
            {
                var c = from.Name[i];
                safe[i] = SafeCharacters.Contains(c) || (c >= 0xA0 && from.AllowsUtf8) ? c : '?';
            }
        });
    }
}
