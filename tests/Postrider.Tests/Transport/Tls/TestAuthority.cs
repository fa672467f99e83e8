using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Tls;

/// <summary>A certificate authority of the tests, valid now.</summary>
internal sealed class TestAuthority
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int serial = 1;

    public TestAuthority(string name = "Test authority")
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        Certificate = request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(30));
    }

    public static DateTimeOffset Now { get; } = TimeProvider.System.GetUtcNow();

    public X509Certificate2 Certificate { get; }

    public TlsCertificate Issue(params string[] names) => Issue(Now.AddDays(1), names);

    public TlsCertificate Issue(DateTimeOffset notAfter, params string[] names)
    {
        var (certificate, leafKey) = IssuePem(notAfter, names);
        return TlsCertificate.FromPem(certificate, leafKey);
    }

    public (string Certificate, string Key) IssuePem(DateTimeOffset notAfter, params string[] names)
    {
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = Sign(new CertificateRequest($"CN={names[0]}", leafKey, HashAlgorithmName.SHA256), notAfter, names);
        return (certificate, leafKey.ExportPkcs8PrivateKeyPem());
    }

    public (string Certificate, string Key) IssueRsaPem(params string[] names)
    {
        using var leafKey = RSA.Create(2048);
        var certificate = Sign(new CertificateRequest($"CN={names[0]}", leafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), Now.AddDays(1), names);
        return (certificate, leafKey.ExportRSAPrivateKeyPem());
    }

    private string Sign(CertificateRequest request, DateTimeOffset notAfter, string[] names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (name.Contains('@'))
                alternatives.AddEmailAddress(name);
            else
                alternatives.AddDnsName(name);
        }
        request.CertificateExtensions.Add(alternatives.Build());
        using var issued = request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), Now.AddDays(-1), notAfter, [(byte)serial++]);
        return issued.ExportCertificatePem();
    }
}
