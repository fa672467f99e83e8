using Postrider.Smtp.Tls;

namespace Postrider.Transport.Tls;

/// <summary>What kept a handshake from its end. A client treats them differently (RFC 8460 §4.3).</summary>
public enum TlsFailureKind
{
    /// <summary>The two sides have no version or cipher in common, or one of them broke the protocol.</summary>
    Protocol,

    /// <summary>The connection broke, or the peer closed it.</summary>
    Connection,

    /// <summary>The certificate leads to no authority that is trusted.</summary>
    NotTrusted,

    /// <summary>The certificate's time is over, or has not begun.</summary>
    Expired,

    /// <summary>The certificate is another host's.</summary>
    WrongName,
}

/// <summary>A handshake that failed.</summary>
/// <param name="Kind">What kept it from its end.</param>
/// <param name="Reason">Why, for people. It may hold words of the peer's certificate.</param>
/// <param name="PeerCertificate">The certificate that the peer showed, or null.</param>
public sealed record TlsFailure(TlsFailureKind Kind, string Reason, TlsPeerCertificate? PeerCertificate = null);
