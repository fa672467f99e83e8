using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Transport.Tls;

/// <summary>
/// A certificate with its key and the chain behind it. Immutable, and to be kept for as long as the
/// certificate is in use: sessions can be resumed only against the same object.
/// </summary>
public sealed class TlsCertificate
{
    private TlsCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        // offline: a start must not wait for some authority's web server.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
        Subject = leaf.Subject;
        NotBefore = new DateTimeOffset(leaf.NotBefore).ToUniversalTime();
        NotAfter = new DateTimeOffset(leaf.NotAfter).ToUniversalTime();
        HostNames = SubjectNames.OfHosts(leaf);
        ServerEndPoint = ChannelBinding.ServerEndPoint(leaf);
    }

    /// <summary>The distinguished name of its subject.</summary>
    public string Subject { get; }

    /// <summary>When its time begins.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>When its time is over.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The host names that it is for, wildcards among them.</summary>
    public ImmutableArray<string> HostNames { get; }

    /// <summary>The channel binding tls-server-end-point (RFC 5929 §4.1) of the connections it serves; empty where its signature has none.</summary>
    internal ReadOnlyMemory<byte> ServerEndPoint { get; }

    internal SslStreamCertificateContext Context { get; }

    /// <summary>Reads one from PEM (RFC 7468).</summary>
    /// <param name="certificates">The certificate, and behind it those of its chain in any order.</param>
    /// <param name="key">Its private key, RSA or ECDSA, not encrypted (PKCS #8, PKCS #1 or SEC 1).</param>
    /// <exception cref="CryptographicException">One of them cannot be read, or they do not belong together; the message says which.</exception>
    public static TlsCertificate FromPem(string certificates, string key)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        ArgumentNullException.ThrowIfNull(key);
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificates);
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException($"The certificate cannot be read: {e.Message}", e);
        }
        if (chain.Count == 0)
            throw new CryptographicException("There is no certificate in it: PEM begins with -----BEGIN CERTIFICATE-----.");
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new CryptographicException("There is no private key in it: PEM begins with -----BEGIN PRIVATE KEY-----.");
        if (key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal) || key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw new CryptographicException("The private key is encrypted; give it without a passphrase, in a file that only this program can read.");
        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificates, key);
            if (OperatingSystem.IsWindows())
            {
                // Windows does TLS only with a key that it keeps itself.
                leaf = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
            }
            return new TlsCertificate(leaf, chain);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("The private key does not belong to the certificate.", e);
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException($"The private key cannot be used with the certificate: {e.Message}", e);
        }
    }
}
