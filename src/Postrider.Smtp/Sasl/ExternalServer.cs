using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Sasl;

/// <summary>EXTERNAL (RFC 4422 appendix A): the certificate of the TLS handshake says who the client is.</summary>
internal sealed class ExternalServer(TlsPeerCertificate certificate) : SaslServer
{
    public override SaslTurn Respond(ReadOnlySpan<byte> response)
    {
        if (Text(response) is not { } text || text.Contains('\0', StringComparison.Ordinal))
            return SaslTurn.Malformed;
        return SaslTurn.Ask(new CertificateQuestion(certificate, text.Length == 0 ? null : text));
    }
}
