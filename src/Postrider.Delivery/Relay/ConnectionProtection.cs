using Postrider.Smtp.Tls;

namespace Postrider.Delivery.Relay;

/// <summary>How a connection was protected, in words for log and queue listing.</summary>
internal static class ConnectionProtection
{
    public static string Of(TlsFacts? tls, bool isWanted, string? failure) => tls is null
        ? failure is not null ? $"in the clear, since: {failure}" : isWanted ? "in the clear, no TLS to be had" : "in the clear"
        : $"{tls.Protocol} {tls.CipherSuite}, {Worth(tls.PeerCertificate)}";

    private static string Worth(TlsPeerCertificate? certificate) => certificate switch
    {
        null => "no certificate",
        { IsTrusted: true, NamesHost: true } => "verified",
        { IsTrusted: true } => "not verified: the certificate is another host's",
        _ => "not verified: the certificate is not trusted",
    };
}
