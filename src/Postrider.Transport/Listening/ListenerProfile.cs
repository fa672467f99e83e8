using Postrider.Smtp.Server;
using Postrider.Transport.Tls;

namespace Postrider.Transport.Listening;

/// <summary>What the sessions of one listener work by, where it is not what the server's others do.</summary>
public sealed record ListenerProfile
{
    /// <summary>Gives the settings that a new session keeps for its life; the server's own when null.</summary>
    public Func<ServerSettings>? Settings { get; init; }

    /// <summary>From whom a connection begins with a PROXY header, before TLS and all else; null for nobody.</summary>
    public PeerNetworks? Proxies { get; init; }

    /// <summary>
    /// Gives what is in force when a handshake begins, null where there is no certificate at present (454). Null
    /// where the listener has nothing to do with TLS.
    /// </summary>
    public Func<TlsServerSettings?>? Tls { get; init; }

    /// <summary>Whether TLS comes before the greeting (RFC 8314 §3), as on port 465; otherwise it takes STARTTLS among the extensions.</summary>
    public bool IsImplicitTls { get; init; }
}
