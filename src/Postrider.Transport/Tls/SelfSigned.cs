using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Transport.Tls;

/// <summary>Makes certificates that nobody vouches for: good for encryption, and for what is tried out on one machine.</summary>
public static class SelfSigned
{
    /// <summary>Makes a certificate for a server, signed by its own key (ECDSA P-256).</summary>
    /// <param name="hostNames">The names that it is for, one at least; the first is its subject.</param>
    /// <param name="addresses">The addresses that it is for besides.</param>
    /// <param name="notBefore">When its time begins.</param>
    /// <param name="notAfter">When its time is over.</param>
    /// <returns>Certificate and key, both PEM.</returns>
    public static (string Certificate, string Key) Make(
        ImmutableArray<string> hostNames, ImmutableArray<IPAddress> addresses, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        if (hostNames.IsDefaultOrEmpty)
            throw new ArgumentException("A certificate is for one host at least.", nameof(hostNames));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(hostNames[0]);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in hostNames)
            names.AddDnsName(name);
        foreach (var address in addresses)
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        // An end entity: nothing that is signed with the key is ever trusted because this certificate is.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
