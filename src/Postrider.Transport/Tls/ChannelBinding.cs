using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Transport.Tls;

/// <summary>
/// tls-server-end-point (RFC 5929 §4.1): the hash of the server's certificate by the hash function of its
/// signature, SHA-256 in place of MD5 and SHA-1. The runtime gives it to clients only.
/// </summary>
internal static class ChannelBinding
{
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string Sha1 = "1.3.14.3.2.26";

    /// <summary>The binding; empty where the signature names no single hash function, such as Ed25519.</summary>
    public static ReadOnlyMemory<byte> ServerEndPoint(X509Certificate2 certificate)
    {
        var signature = certificate.SignatureAlgorithm.Value;
        if (signature == RsaPss)
            signature = HashOfPss(certificate.RawDataMemory);
        return signature switch
        {
            // md5, sha1, sha256 with RSA; ECDSA with SHA-1, SHA-256; DSA with SHA-1, SHA-256; the hashes themselves
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.1" or "1.2.840.10045.4.3.2"
                or "1.2.840.10040.4.3" or "2.16.840.1.101.3.4.3.2" or Sha1 or "2.16.840.1.101.3.4.2.1" => SHA256.HashData(certificate.RawDataMemory.Span),
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" or "2.16.840.1.101.3.4.2.2" => SHA384.HashData(certificate.RawDataMemory.Span),
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" or "2.16.840.1.101.3.4.2.3" => SHA512.HashData(certificate.RawDataMemory.Span),
            _ => ReadOnlyMemory<byte>.Empty,
        };
    }

    // RFC 4055 §3.1: the hash is a parameter of the algorithm, SHA-1 where there is none.
    private static string? HashOfPss(ReadOnlyMemory<byte> certificate)
    {
        try
        {
            var outer = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
            outer.ReadEncodedValue();
            var algorithm = outer.ReadSequence();
            algorithm.ReadObjectIdentifier();
            var parameters = algorithm.ReadSequence();
            var hash = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
            return parameters.HasData && parameters.PeekTag().HasSameClassAndValue(hash)
                ? parameters.ReadSequence(hash).ReadSequence().ReadObjectIdentifier()
                : Sha1;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
