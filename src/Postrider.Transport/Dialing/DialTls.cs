using Postrider.Transport.Tls;

namespace Postrider.Transport.Dialing;

/// <summary>How the connections to a server come under TLS, where the session or the port wants it. Immutable.</summary>
/// <param name="Upgrade">Does the handshake.</param>
/// <param name="Settings">Whom the server should be, and what is shown to it.</param>
public sealed record DialTls(ITlsUpgrade Upgrade, TlsClientSettings Settings)
{
    /// <summary>Whether TLS begins with the first octet, before any greeting (RFC 8314 §3.3: port 465), and not by STARTTLS.</summary>
    public bool FromFirstOctet { get; init; }
}
