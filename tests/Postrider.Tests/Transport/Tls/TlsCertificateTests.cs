using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Tls;

public sealed class TlsCertificateTests
{
    private static readonly TestAuthority authority = new();
    private static readonly DateTimeOffset tomorrow = TestAuthority.Now.AddDays(1);

    [Fact]
    public void A_certificate_knows_its_names_and_its_time()
    {
        var certificate = authority.Issue(tomorrow, "mail.example.org", "*.example.net", "post@example.org");
        Assert.Equal("CN=mail.example.org", certificate.Subject);
        Assert.Equal(["mail.example.org", "*.example.net"], certificate.HostNames);
        Assert.InRange(certificate.NotAfter, tomorrow.AddSeconds(-1), tomorrow);
        Assert.True(certificate.NotBefore < TestAuthority.Now);
    }

    [Fact]
    public void A_key_may_be_RSA_or_ECDSA_in_any_of_the_usual_forms()
    {
        var (rsa, rsaKey) = authority.IssueRsaPem("mail.example.org");
        Assert.Contains("BEGIN RSA PRIVATE KEY", rsaKey, StringComparison.Ordinal);
        Assert.Equal(["mail.example.org"], TlsCertificate.FromPem(rsa, rsaKey).HostNames);
        using var key = RSA.Create();
        key.ImportFromPem(rsaKey);
        Assert.Equal(["mail.example.org"], TlsCertificate.FromPem(rsa, key.ExportPkcs8PrivateKeyPem()).HostNames);
        var (ec, ecKey) = authority.IssuePem(tomorrow, "mail.example.org");
        using var curve = ECDsa.Create();
        curve.ImportFromPem(ecKey);
        Assert.Equal(["mail.example.org"], TlsCertificate.FromPem(ec, curve.ExportECPrivateKeyPem()).HostNames);
    }

    [Fact]
    public void What_is_wrong_with_the_files_is_said()
    {
        var (certificate, key) = authority.IssuePem(tomorrow, "mail.example.org");
        var (_, otherKey) = authority.IssuePem(tomorrow, "mail.example.org");
        using var curve = ECDsa.Create();
        curve.ImportFromPem(key);
        var locked = curve.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

        Assert.StartsWith("There is no certificate in it", Problem("", key), StringComparison.Ordinal);
        Assert.StartsWith("There is no certificate in it", Problem(key, key), StringComparison.Ordinal);
        Assert.StartsWith("The certificate cannot be read", Problem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", key), StringComparison.Ordinal);
        Assert.StartsWith("There is no private key in it", Problem(certificate, certificate), StringComparison.Ordinal);
        Assert.StartsWith("The private key is encrypted", Problem(certificate, locked), StringComparison.Ordinal);
        Assert.Contains("private key", Problem(certificate, otherKey), StringComparison.Ordinal);
        Assert.Contains("private key", Problem(certificate, authority.IssueRsaPem("x.example").Key), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail.example.org", 0)]
    [InlineData("MAIL.example.ORG", 0)]
    [InlineData("mx.example.net", 1)]
    [InlineData("a.mx.example.net", 0)]
    [InlineData("example.net", 0)]
    [InlineData("special.example.net", 2)]
    [InlineData("unknown.example", 0)]
    [InlineData("net", 0)]
    [InlineData(".example.net", 0)]
    [InlineData("", 0)]
    [InlineData(null, 0)]
    public void The_server_name_chooses_the_certificate(string? serverName, int expected)
    {
        var settings = new TlsServerSettings(authority.Issue("mail.example.org"), authority.Issue("*.example.net"), authority.Issue("special.example.net"));
        Assert.Same(settings.Certificates[expected], settings.Choose(serverName));
    }

    [Fact]
    public void One_signed_by_itself_is_for_its_names_and_addresses()
    {
        var (certificate, key) = SelfSigned.Make(["localhost"], [System.Net.IPAddress.Loopback], TestAuthority.Now, tomorrow);
        using var leaf = X509Certificate2.CreateFromPem(certificate, key);
        Assert.True(leaf.MatchesHostname("localhost", allowCommonName: false));
        Assert.True(leaf.MatchesHostname("127.0.0.1", allowCommonName: false));
        Assert.Equal(["localhost"], TlsCertificate.FromPem(certificate, key).HostNames);
    }

    // RFC 5929 §4.1: by the hash of the signature, SHA-256 at least.
    [Fact]
    public void The_channel_binding_goes_by_the_hash_of_the_signature()
    {
        using var rsa = RSA.Create(2048);
        foreach (var (hash, length) in new[] { (HashAlgorithmName.SHA256, 32), (HashAlgorithmName.SHA384, 48), (HashAlgorithmName.SHA512, 64) })
        {
            foreach (var padding in new[] { RSASignaturePadding.Pkcs1, RSASignaturePadding.Pss })
            {
                using var certificate = new CertificateRequest("CN=x", rsa, hash, padding).CreateSelfSigned(TestAuthority.Now, tomorrow);
                Assert.Equal(length, ChannelBinding.ServerEndPoint(certificate).Length);
            }
        }
    }

    private static string Problem(string certificate, string key) => Assert.Throws<CryptographicException>(() => TlsCertificate.FromPem(certificate, key)).Message;
}
