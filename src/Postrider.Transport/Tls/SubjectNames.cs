using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Transport.Tls;

/// <summary>The subject alternative names of a certificate (RFC 5280 §4.2.1.6) that mail has a use for.</summary>
internal static class SubjectNames
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag mailAddress = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag hostName = new(TagClass.ContextSpecific, 2);

    /// <summary>Host names.</summary>
    public static ImmutableArray<string> OfHosts(X509Certificate2 certificate) => Read(certificate, mail: false);

    /// <summary>Host names and mail addresses.</summary>
    public static ImmutableArray<string> OfAll(X509Certificate2 certificate) => Read(certificate, mail: true);

    private static ImmutableArray<string> Read(X509Certificate2 certificate, bool mail)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension)
            return [];
        var names = ImmutableArray.CreateBuilder<string>();
        try
        {
            var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                var tag = sequence.PeekTag();
                if (tag.HasSameClassAndValue(hostName) || (mail && tag.HasSameClassAndValue(mailAddress)))
                    names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                else
                    sequence.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            // A certificate whose names cannot be read names nobody.
            return [];
        }
        return names.ToImmutable();
    }
}
