using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Transport.Tls;

/// <summary>What a server has for TLS: its certificates by name, and what it asks of clients. Immutable; a changed certificate is another object.</summary>
public sealed class TlsServerSettings
{
    private readonly Dictionary<string, TlsCertificate> names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes them.</summary>
    /// <param name="certificates">One or more. A client that asks for no name, or for one that none of them has, gets the first.</param>
    /// <exception cref="ArgumentException">There is no certificate.</exception>
    public TlsServerSettings(params ImmutableArray<TlsCertificate> certificates)
    {
        if (certificates.IsDefaultOrEmpty)
            throw new ArgumentException("A server needs a certificate.", nameof(certificates));
        Certificates = certificates;
        foreach (var certificate in certificates)
        {
            foreach (var name in certificate.HostNames)
                names.TryAdd(name, certificate);
        }
    }

    /// <summary>The certificates, the default one first.</summary>
    public ImmutableArray<TlsCertificate> Certificates { get; }

    /// <summary>
    /// Whether clients are asked for a certificate. One without goes on all the same, and one that is not
    /// trusted too: the facts say what it was worth, and policy decides.
    /// </summary>
    public bool AsksForClientCertificate { get; init; }

    /// <summary>The authorities whose client certificates are trusted; those of the system when empty, as at first.</summary>
    public ImmutableArray<X509Certificate2> ClientAuthorities { get; init; } = [];

    /// <summary>The certificate for a server name (RFC 6066 §3): that of the name itself, that of a wildcard for it, or the first.</summary>
    /// <param name="serverName">What the client asked for, or null.</param>
    public TlsCertificate Choose(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName))
            return Certificates[0];
        if (names.TryGetValue(serverName, out var exact))
            return exact;
        // RFC 9525 §6.3: a wildcard stands for one whole label, the leftmost.
        var dot = serverName.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && names.TryGetValue(string.Concat("*", serverName.AsSpan(dot)), out var wild) ? wild : Certificates[0];
    }
}
