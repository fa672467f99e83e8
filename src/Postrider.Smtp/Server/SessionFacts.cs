using System.Net;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Server;

/// <summary>What is known of the peer of a session. Immutable, replaced whole when something is learnt.</summary>
public sealed record SessionFacts
{
    /// <summary>The peer's address, or null where it has none (a Unix socket, a test).</summary>
    public IPAddress? PeerAddress { get; init; }

    /// <summary>The peer's port, or 0.</summary>
    public int PeerPort { get; init; }

    /// <summary>The address the peer connected to, or null.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>The port the peer connected to, or 0.</summary>
    public int LocalPort { get; init; }

    /// <summary>When the connection was made, or null where nobody has said.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary>The name the peer gave in EHLO or HELO (RFC 5321 §4.1.1.1), or null before.</summary>
    public string? PeerName { get; init; }

    /// <summary>Whether the peer said EHLO: the protocol is ESMTP then.</summary>
    public bool IsExtended { get; init; }

    /// <summary>The host name that goes with the peer's address, as a proxy found it (XCLIENT), or null.</summary>
    public string? PeerHostname { get; init; }

    /// <summary>The address of the proxy that said who the peer is (XCLIENT), or null.</summary>
    public IPAddress? NamedBy { get; init; }

    /// <summary>Whom the next message came from, as the peer says (XFORWARD), or null.</summary>
    public ForwardedFacts? Forwarded { get; init; }

    /// <summary>What the TLS handshake settled, or null while the connection is in the clear.</summary>
    public TlsFacts? Tls { get; init; }

    /// <summary>The account that the peer has proven to be (RFC 4954), or null.</summary>
    public string? Account { get; init; }

    /// <summary>
    /// Whether we opened the connection and the roles have changed since (TURN, ATRN): the peer is one that we asked for its mail.
    /// </summary>
    public bool IsTurned { get; init; }

    /// <summary>
    /// The word behind <c>with</c> in the Received field of a message that came in this session (RFC 3848,
    /// RFC 6531 §4.3): SMTP, or ESMTP or UTF8SMTP with S for TLS and A for an account behind it.
    /// </summary>
    /// <param name="envelope">The message's envelope.</param>
    public string ProtocolOf(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return (envelope.SmtpUtf8, IsExtended, Tls is not null, Account is not null) switch
        {
            (true, _, false, false) => "UTF8SMTP",
            (true, _, true, false) => "UTF8SMTPS",
            (true, _, false, true) => "UTF8SMTPA",
            (true, _, true, true) => "UTF8SMTPSA",
            (false, false, _, _) => "SMTP",
            (false, true, false, false) => "ESMTP",
            (false, true, true, false) => "ESMTPS",
            (false, true, false, true) => "ESMTPA",
            (false, true, true, true) => "ESMTPSA",
        };
    }
}
