using System.Collections.Immutable;

namespace Postrider.Smtp.Tls;

/// <summary>The certificate that the other side of a TLS connection showed, as far as it matters to policy. Immutable.</summary>
public sealed record TlsPeerCertificate
{
    /// <summary>The distinguished name of its subject (RFC 4514).</summary>
    public required string Subject { get; init; }

    /// <summary>SHA-256 of the certificate, 64 hexadecimal digits in lower case.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The host names and mail addresses of its subject alternative names (RFC 5280 §4.2.1.6).</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Whether its chain leads to an authority that this side trusts, and its time is not over.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>Whether one of its names is the host that was wanted (RFC 9525); false where none was.</summary>
    public bool NamesHost { get; init; }
}
