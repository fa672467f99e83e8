using System.Collections.Immutable;

namespace Postrider.Smtp.Client;

/// <summary>How a client speaks to a server. Immutable; one value serves any number of sessions.</summary>
public sealed record ClientSettings
{
    /// <summary>The name given in EHLO and HELO: a domain name, or an address literal in brackets (RFC 5321 §4.1.1.1).</summary>
    /// <exception cref="ArgumentException">It is empty, or has a character in it that no name has.</exception>
    public required string HelloName
    {
        get;
        init => field = value.Length is > 0 and <= 255 && !value.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? value
            : throw new ArgumentException("The name in EHLO is 1 to 255 visible ASCII characters.", nameof(value));
    }

    /// <summary>How long it waits.</summary>
    public ClientTimeouts Timeouts { get; init; } = new();

    /// <summary>What it bounds.</summary>
    public ClientLimits Limits { get; init; } = new();

    /// <summary>
    /// Whether 8-bit content goes as it is to a server that does not offer 8BITMIME, which RFC 6152 §3
    /// forbids though most such servers bear it; false: it is converted, or fails with 5.6.3 where that cannot be.
    /// </summary>
    public bool SendEightBitAnyway { get; init; }

    /// <summary>The extensions it makes use of where the server offers them, PIPELINING apart, which the session does itself.</summary>
    public ImmutableArray<ClientExtension> Extensions { get; init; } = ClientExtension.Standard;
}
