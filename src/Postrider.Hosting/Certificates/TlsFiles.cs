using System.Collections.Immutable;

namespace Postrider.Hosting.Certificates;

/// <summary>The files of one certificate.</summary>
internal sealed record CertificateFiles(string Certificate, string Key);

/// <summary>The files that TLS needs, by their full paths.</summary>
/// <param name="Certificates">The certificates, the default one first; empty where there is no TLS.</param>
/// <param name="ClientAuthorities">Whose client certificates are trusted; null for those of the system.</param>
/// <param name="AreOurOwn">Whether the server makes the one certificate itself.</param>
internal sealed record TlsFiles(ImmutableArray<CertificateFiles> Certificates, string? ClientAuthorities, bool AreOurOwn)
{
    public static TlsFiles None { get; } = new([], null, AreOurOwn: false);
}
