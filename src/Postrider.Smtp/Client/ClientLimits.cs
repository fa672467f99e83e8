namespace Postrider.Smtp.Client;

/// <summary>What a client bounds, whatever the server does.</summary>
public sealed record ClientLimits
{
    /// <summary>
    /// Octets of commands sent before their replies are awaited, where the server offers PIPELINING;
    /// 8,192, well within any TCP window (RFC 2920 §3.1).
    /// </summary>
    public int MaxGroupOctets { get; init; } = 8_192;

    /// <summary>The longest line of a reply; 4,096 octets, eight times what RFC 5321 §4.5.3.1.5 allows.</summary>
    public int MaxReplyLineOctets { get; init; } = 4_096;

    /// <summary>The longest reply, all lines together; 65,536 octets.</summary>
    public int MaxReplyOctets { get; init; } = 65_536;

    /// <summary>
    /// Parts of a message that are looked at where it has to be converted for the server; 1,000. One with more is not converted. No
    /// RFC limits them; mail that people write has a few dozen at most.
    /// </summary>
    public int MaxMimeParts { get; init; } = 1_000;
}
