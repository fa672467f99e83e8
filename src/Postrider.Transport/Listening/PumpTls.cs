using Postrider.Transport.Tls;

namespace Postrider.Transport.Listening;

/// <summary>What a pump has for TLS.</summary>
/// <param name="Upgrade">Makes the handshake.</param>
/// <param name="Settings">Gives what is in force when it begins; null where there is no certificate at present.</param>
/// <param name="IsImplicit">Whether it comes before the greeting.</param>
internal sealed record PumpTls(ITlsUpgrade Upgrade, Func<TlsServerSettings?> Settings, bool IsImplicit);
