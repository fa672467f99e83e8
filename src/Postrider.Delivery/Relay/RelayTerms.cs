using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Transport.Tls;

namespace Postrider.Delivery.Relay;

/// <summary>On what terms mail is handed to the hosts of a route: how it is protected, and who we say we are. Immutable.</summary>
public sealed record RelayTerms
{
    /// <summary>TLS where it is offered, nobody's name: how mail goes between strangers (RFC 7435).</summary>
    public static RelayTerms Default { get; } = new();

    /// <summary>What is demanded of TLS.</summary>
    public TlsDemand Tls { get; init; } = TlsDemand.Opportunistic;

    /// <summary>Whether TLS begins with the first octet (RFC 8314), and not by STARTTLS; null: at port 465.</summary>
    public bool? TlsOnConnect { get; init; }

    /// <summary>
    /// Whether mail goes in the clear, over a new connection, where TLS is not demanded and the handshake failed; true, since
    /// a server that offers no TLS at all would get it so too. Never where credentials are set.
    /// </summary>
    public bool ClearAfterFailure { get; init; } = true;

    /// <summary>
    /// Whether a message whose sender waives TLS (RFC 8689 §3) goes as if it were opportunistic here; false. What the sender may
    /// waive of itself are the policies of recipients, not those of this server.
    /// </summary>
    public bool SenderMayWaiveTls { get; init; }

    /// <summary>The authorities that are trusted; those of the system when empty.</summary>
    public ImmutableArray<X509Certificate2> TrustAnchors { get; init; } = [];

    /// <summary>The certificate that is shown to a server that asks for one, or null.</summary>
    public TlsCertificate? Certificate { get; init; }

    /// <summary>Whether all content goes by BDAT to a server that offers CHUNKING (RFC 3030), and not binary content alone; false.</summary>
    public bool ChunksAll { get; init; }

    /// <summary>Who we are, or null for nobody in particular.</summary>
    public ICredentialSource? Credentials { get; init; }

    /// <summary>
    /// What is added to the key of a target, since recipients on other terms travel apart. Empty for the default; has no
    /// secret in it, and is the same after a restart.
    /// </summary>
    public string KeySuffix()
    {
        var suffix = new StringBuilder();
        if (Tls != TlsDemand.Opportunistic)
            suffix.Append(";tls=").Append(Name(Tls));
        if (TlsOnConnect is { } onConnect)
            suffix.Append(onConnect ? ";tls-on-connect" : ";starttls");
        if (!ClearAfterFailure)
            suffix.Append(";never-clear-after-failure");
        if (SenderMayWaiveTls)
            suffix.Append(";sender-may-waive-tls");
        if (ChunksAll)
            suffix.Append(";chunking=always");
        if (!TrustAnchors.IsEmpty)
            suffix.Append(";authorities=").Append(Digest([.. TrustAnchors.SelectMany(static anchor => anchor.RawData)]));
        if (Certificate is not null)
            suffix.Append(";certificate=").Append(Digest(Encoding.UTF8.GetBytes($"{Certificate.Subject} {Certificate.NotAfter:O}")));
        if (Credentials is not null)
            suffix.Append(";user=").Append(Credentials.UserName);
        return suffix.ToString();
    }

    /// <summary>A demand as configuration and keys write it.</summary>
    public static string Name(TlsDemand demand) => demand switch
    {
        TlsDemand.None => "none",
        TlsDemand.Opportunistic => "opportunistic",
        TlsDemand.Required => "required",
        _ => "verified",
    };

    // It tells values apart that an operator set; nobody gains by a collision.
    private static string Digest(byte[] octets) => Convert.ToHexStringLower(SHA256.HashData(octets).AsSpan(0, 4));
}
