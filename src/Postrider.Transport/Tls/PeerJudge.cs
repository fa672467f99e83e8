using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Smtp.Tls;

namespace Postrider.Transport.Tls;

/// <summary>Looks at the certificate of the other side in one handshake: what it is worth, and whether that is enough.</summary>
/// <param name="host">The host that is wanted, or null.</param>
/// <param name="mustVerify">Whether the handshake fails unless the certificate is trusted and names the host.</param>
internal sealed class PeerJudge(string? host, bool mustVerify)
{
    /// <summary>The certificate, or null where there was none.</summary>
    public TlsPeerCertificate? Certificate { get; private set; }

    /// <summary>Why it is not enough, or null.</summary>
    public TlsFailure? Failure { get; private set; }

    /// <summary>The channel binding that follows from it.</summary>
    public ReadOnlyMemory<byte> ServerEndPoint { get; private set; }

    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            Failure = mustVerify ? new TlsFailure(TlsFailureKind.NotTrusted, "The server showed no certificate.") : null;
            return !mustVerify;
        }
        ServerEndPoint = ChannelBinding.ServerEndPoint(leaf);
        Certificate = new TlsPeerCertificate
        {
            Subject = leaf.Subject,
            Fingerprint = Convert.ToHexStringLower(SHA256.HashData(leaf.RawDataMemory.Span)),
            Names = SubjectNames.OfAll(leaf),
            IsTrusted = (errors & SslPolicyErrors.RemoteCertificateChainErrors) == 0,
            NamesHost = host is not null && Names(leaf, host),
        };
        Failure = mustVerify ? Refuse(chain) : null;
        return Failure is null;
    }

    private TlsFailure? Refuse(X509Chain? chain)
    {
        if (!Certificate!.IsTrusted)
        {
            var problems = chain?.ChainStatus.Select(static status => status.StatusInformation.TrimEnd(' ', '.', '\n', '\r')) ?? [];
            // One whose only fault is its time is told apart: it is the fault that heals itself.
            var isExpired = chain?.ChainStatus is [{ Status: X509ChainStatusFlags.NotTimeValid }];
            return new TlsFailure(
                isExpired ? TlsFailureKind.Expired : TlsFailureKind.NotTrusted,
                $"The certificate of {Certificate.Subject} is not trusted: {string.Join("; ", problems)}.",
                Certificate);
        }
        return Certificate.NamesHost
            ? null
            : new TlsFailure(TlsFailureKind.WrongName, $"The certificate names {(Certificate.Names.IsEmpty ? "no host" : string.Join(", ", Certificate.Names))}, not {host}.", Certificate);
    }

    private static bool Names(X509Certificate2 leaf, string host)
    {
        try
        {
            return leaf.MatchesHostname(host, allowWildcards: true, allowCommonName: false);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Names that cannot be read, or a host that no certificate can name.
            return false;
        }
    }
}
