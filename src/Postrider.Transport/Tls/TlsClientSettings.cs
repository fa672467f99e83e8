using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Transport.Tls;

/// <summary>What a client wants of TLS. Immutable.</summary>
public sealed record TlsClientSettings
{
    /// <summary>The host that is wanted: sent as server name (SNI, RFC 6066 §3) and looked for in the certificate.</summary>
    public required string TargetHost { get; init; }

    /// <summary>
    /// Whether the handshake fails unless the certificate is trusted and names the host (RFC 9525). False,
    /// the default, takes any certificate, and the facts say what it was worth.
    /// </summary>
    public bool Verify { get; init; }

    /// <summary>The authorities that are trusted; those of the system when empty, as at first.</summary>
    public ImmutableArray<X509Certificate2> TrustAnchors { get; init; } = [];

    /// <summary>The certificate to show if the server asks for one, or null.</summary>
    public TlsCertificate? Certificate { get; init; }
}
