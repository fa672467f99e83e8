using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.FunctionalTests;

/// <summary>A certificate for 127.0.0.1, signed by itself, and its key, in files that go with it.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly TemporaryFolder folder = new("certificate");

    public CertificateFiles(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(commonName);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        Fingerprint = Convert.ToHexStringLower(made.GetCertHash(HashAlgorithmName.SHA256));
        File.WriteAllText(Certificate, made.ExportCertificatePem() + "\n");
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Its SHA-256 fingerprint, hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>The file of the certificate.</summary>
    public string Certificate => Path.Combine(folder.Path, "server.crt");

    /// <summary>The file of its key.</summary>
    public string Key => Path.Combine(folder.Path, "server.key");

    /// <summary>What a configuration says of them, with a comma behind it.</summary>
    public string Settings => $"\"tls\": {{ \"certificates\": [ {{ \"certificate\": \"{Certificate}\", \"key\": \"{Key}\" }} ] }},";

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();
}
