namespace Postrider.Smtp.Sasl;

/// <summary>A client certificate that the TLS handshake has shown: EXTERNAL (RFC 4422 appendix A).</summary>
/// <param name="authorizationId">Whom to act as; empty for whoever the certificate says.</param>
public sealed class CertificateCredential(string authorizationId = "") : SaslCredential(authorizationId)
{
    private protected override SaslClient? Choose(IReadOnlySet<string> offered, SaslChannel channel, ReadOnlySpan<byte> nonce) =>
        offered.Contains(ExternalClient.Name) ? new ExternalClient(UserName) : null;
}
