namespace Postrider.Smtp.Tls;

/// <summary>What a TLS handshake settled. Immutable.</summary>
public sealed record TlsFacts
{
    /// <summary>The version as OpenSSL and the Received fields of others write it, such as <c>TLSv1.3</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The cipher suite by its name in the IANA registry, such as <c>TLS_AES_256_GCM_SHA384</c>.</summary>
    public required string CipherSuite { get; init; }

    /// <summary>The host name that the client asked for (SNI, RFC 6066 §3), or null.</summary>
    public string? ServerName { get; init; }

    /// <summary>The certificate of the other side, or null where it showed none.</summary>
    public TlsPeerCertificate? PeerCertificate { get; init; }

    /// <summary>
    /// The channel binding <c>tls-server-end-point</c> (RFC 5929 §4.1): the hash of the server's certificate.
    /// Empty where it is not known.
    /// </summary>
    public ReadOnlyMemory<byte> ServerEndPoint { get; init; }

    /// <summary>Version and cipher suite, such as <c>TLSv1.3 TLS_AES_256_GCM_SHA384</c>.</summary>
    public override string ToString() => $"{Protocol} {CipherSuite}";
}
