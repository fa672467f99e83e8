using System.Collections.Immutable;
using System.Net;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Sasl;

/// <summary>The mechanisms that a server knows, strongest first, and which of them work for a peer.</summary>
public static class SaslMechanisms
{
    /// <summary>All of them, strongest first.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        ScramClient.PlusName, ScramClient.Name, ExternalClient.Name, OAuthClient.BearerName, OAuthClient.XOAuth2Name, PlainClient.Name, LoginClient.Name, CramMd5.Name,
    ];

    /// <summary>Those for which a password with a stored verifier is enough.</summary>
    public static ImmutableArray<string> ForPasswords { get; } = [ScramClient.PlusName, ScramClient.Name, PlainClient.Name, LoginClient.Name];

    /// <summary>Those for which an issuer of tokens is needed.</summary>
    public static ImmutableArray<string> ForTokens { get; } = [OAuthClient.BearerName, OAuthClient.XOAuth2Name];

    /// <summary>Those for which a client's certificate is needed.</summary>
    public static ImmutableArray<string> ForCertificates { get; } = [ExternalClient.Name];

    /// <summary>Those for on-demand relay alone, with a secret that is kept for it (RFC 2645 §5.1.2).</summary>
    public static ImmutableArray<string> ForOnDemandRelay { get; } = [CramMd5.Name];

    /// <summary>Whether nobody reads along: TLS, or a peer on this machine.</summary>
    internal static bool IsProtected(SessionFacts facts) =>
        facts.Tls is not null || facts.PeerAddress is null || IPAddress.IsLoopback(facts.PeerAddress);

    /// <summary>Whether the mechanism can work for this peer now.</summary>
    internal static bool WorksFor(string mechanism, SessionFacts facts) => mechanism switch
    {
        ScramClient.PlusName => facts.Tls is { ServerEndPoint.IsEmpty: false },
        ExternalClient.Name => facts.Tls is { PeerCertificate.IsTrusted: true },
        _ => IsProtected(facts),
    };

    /// <summary>The server's side of a new exchange.</summary>
    /// <param name="mechanism">One that works for this peer.</param>
    /// <param name="facts">The peer.</param>
    /// <param name="offersPlus">Whether the peer was offered -PLUS.</param>
    internal static SaslServer Begin(string mechanism, SessionFacts facts, bool offersPlus) => mechanism switch
    {
        PlainClient.Name => new PlainServer(),
        LoginClient.Name => new LoginServer(),
        CramMd5.Name => new CramMd5Server(),
        ExternalClient.Name => new ExternalServer(facts.Tls!.PeerCertificate!),
        ScramClient.Name or ScramClient.PlusName => new ScramServer(mechanism, offersPlus, facts.Tls?.ServerEndPoint ?? default),
        _ => new OAuthServer(mechanism),
    };
}
