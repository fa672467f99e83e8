using System.Security.Cryptography;
using System.Text;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// Is this peer who it says it is? Policy that accepts has set <see cref="Account"/> before. A refusal is one
/// of 535 5.7.8 (wrong), 454 4.7.0 (cannot tell now) or 421.
/// </summary>
/// <remarks>Its text names mechanism and user, never a secret.</remarks>
public abstract record AuthenticationQuestion : Question
{
    private protected AuthenticationQuestion(string mechanism, string userName, string? authorizationId)
    {
        Mechanism = mechanism;
        UserName = userName;
        AuthorizationId = authorizationId;
    }

    /// <summary>The mechanism, by its name in the registry of IANA.</summary>
    public string Mechanism { get; }

    /// <summary>The user, as the peer wrote the name; empty where the mechanism or the token says it.</summary>
    public string UserName { get; }

    /// <summary>Whom the user wants to act as (RFC 4422 §2), or null for themselves.</summary>
    public string? AuthorizationId { get; }

    /// <summary>The account that the peer has proven to be: set by policy before it accepts.</summary>
    public string? Account { get; set; }

    /// <inheritdoc/>
    public sealed override string ToString() => $"{Mechanism} of {UserName}";
}

/// <summary>Is this the user's password? Hashing it takes time, which belongs to a worker.</summary>
/// <param name="Mechanism">PLAIN or LOGIN.</param>
/// <param name="UserName">The user.</param>
/// <param name="Password">The password, as it was typed.</param>
/// <param name="AuthorizationId">Whom the user wants to act as, or null.</param>
public sealed record PasswordQuestion(string Mechanism, string UserName, string Password, string? AuthorizationId)
    : AuthenticationQuestion(Mechanism, UserName, AuthorizationId);

/// <summary>Is this token one that names a user of ours? A refusal by 535 is told to the client as <see cref="Status"/> first (RFC 7628 §3.2.2).</summary>
/// <param name="Mechanism">OAUTHBEARER or XOAUTH2.</param>
/// <param name="UserName">The user it is said to be for; may be empty.</param>
/// <param name="Token">The bearer token.</param>
public sealed record TokenQuestion(string Mechanism, string UserName, string Token)
    : AuthenticationQuestion(Mechanism, UserName, null)
{
    /// <summary>What is wrong with the token, in the words of RFC 6750 §3.1: <c>invalid_token</c> unless set.</summary>
    public string Status { get; set; } = "invalid_token";

    /// <summary>Where the client finds out who issues tokens (RFC 7628 §3.2.2): an address of https, or null.</summary>
    public string? Discovery { get; set; }
}

/// <summary>Which account does this certificate stand for?</summary>
/// <param name="Certificate">The peer's certificate; its chain is trusted.</param>
/// <param name="AuthorizationId">Whom the peer wants to act as, or null.</param>
public sealed record CertificateQuestion(TlsPeerCertificate Certificate, string? AuthorizationId)
    : AuthenticationQuestion(ExternalClient.Name, "", AuthorizationId);

/// <summary>
/// What does a user have to prove, and what is the server's nonce? Policy that accepts has set both. For a user
/// that is not there it gives what it would always give for that name, so that nobody can tell.
/// </summary>
/// <param name="Mechanism">SCRAM-SHA-256 or SCRAM-SHA-256-PLUS.</param>
/// <param name="UserName">The user.</param>
public sealed record ScramStartQuestion(string Mechanism, string UserName) : Question
{
    /// <summary>The user's verifier.</summary>
    public ScramVerifier? Verifier { get; set; }

    /// <summary>18 octets or more from a cryptographic source.</summary>
    public ReadOnlyMemory<byte> Nonce { get; set; }
}

/// <summary>What is the challenge of CRAM-MD5 (RFC 2195 §2)? Policy that accepts has set it.</summary>
public sealed record CramStartQuestion : Question
{
    /// <summary>Text that was never a challenge before and that nobody can guess, in the form of a message identifier.</summary>
    public ReadOnlyMemory<byte> Challenge { get; set; }
}

/// <summary>Does this digest prove the user's secret?</summary>
public sealed record CramProofQuestion : AuthenticationQuestion
{
    private readonly ReadOnlyMemory<byte> challenge;
    private readonly string digest;

    /// <summary>Asks.</summary>
    /// <param name="userName">The user.</param>
    /// <param name="challenge">The challenge that was sent.</param>
    /// <param name="digest">What came back.</param>
    public CramProofQuestion(string userName, ReadOnlyMemory<byte> challenge, string digest)
        : base(CramMd5.Name, userName, null) => (this.challenge, this.digest) = (challenge, digest);

    /// <summary>Whether it is the digest by this secret; takes the same time either way.</summary>
    public bool IsProvenBy(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(CramMd5.Digest(secret, challenge.Span)), Encoding.UTF8.GetBytes(digest));
    }
}

/// <summary>A user has given a proof, which the session has checked: what follows? Only what is proven can be accepted.</summary>
/// <param name="Mechanism">SCRAM-SHA-256 or SCRAM-SHA-256-PLUS.</param>
/// <param name="UserName">The user.</param>
/// <param name="AuthorizationId">Whom the user wants to act as, or null.</param>
/// <param name="IsProven">Whether the proof is right.</param>
public sealed record ScramProofQuestion(string Mechanism, string UserName, string? AuthorizationId, bool IsProven)
    : AuthenticationQuestion(Mechanism, UserName, AuthorizationId);
