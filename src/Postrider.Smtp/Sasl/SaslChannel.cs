namespace Postrider.Smtp.Sasl;

/// <summary>The connection that an exchange of SASL goes over, as its client knows it. Immutable.</summary>
public sealed record SaslChannel
{
    /// <summary>Whether nobody else reads along: TLS, a loopback address, or a user who wants it so all the same.</summary>
    public required bool IsProtected { get; init; }

    /// <summary>The channel binding <c>tls-server-end-point</c> (RFC 5929 §4.1), or empty where it is not known.</summary>
    public ReadOnlyMemory<byte> ServerEndPoint { get; init; }

    /// <summary>The name of the server that was connected to, which OAUTHBEARER states (RFC 7628 §3.1); or null.</summary>
    public string? Host { get; init; }

    /// <summary>Its port; 0 leaves it out.</summary>
    public int Port { get; init; }
}
