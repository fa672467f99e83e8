using System.Diagnostics.CodeAnalysis;
using Postrider.Smtp.Tls;

namespace Postrider.Transport.Tls;

/// <summary>How a handshake ended: with a transport under TLS, or a failure. Failures are values, for peers cause them at will.</summary>
public sealed class TlsHandshake
{
    private TlsHandshake(ITransport? transport, TlsFacts? facts, TlsFailure? failure)
    {
        Transport = transport;
        Facts = facts;
        Failure = failure;
    }

    /// <summary>The connection from here on, or null.</summary>
    public ITransport? Transport { get; }

    /// <summary>What was settled, or null.</summary>
    public TlsFacts? Facts { get; }

    /// <summary>Why there is no TLS, or null.</summary>
    public TlsFailure? Failure { get; }

    /// <summary>Whether the connection is under TLS.</summary>
    [MemberNotNullWhen(true, nameof(Transport), nameof(Facts))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsEstablished => Failure is null;

    /// <summary>The connection is under TLS.</summary>
    /// <param name="transport">The connection from here on.</param>
    /// <param name="facts">What was settled.</param>
    public static TlsHandshake Established(ITransport transport, TlsFacts facts)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(facts);
        return new TlsHandshake(transport, facts, null);
    }

    /// <summary>There is no TLS, and the connection has been closed.</summary>
    public static TlsHandshake Failed(TlsFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new TlsHandshake(null, null, failure);
    }
}
