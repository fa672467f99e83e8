namespace Postrider.Hosting.Relaying;

/// <summary>Where access tokens come from: OAuth 2.0 with the credentials of a client (RFC 6749 §4.4).</summary>
public sealed class OAuthOptions
{
    /// <summary>The token endpoint, an https URL; http on this machine alone.</summary>
    public string TokenEndpoint { get; set; } = "";

    /// <summary>The client's name.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The client's secret.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A file with the client's secret in its first line.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>What the token is to be good for, or null.</summary>
    public string? Scope { get; set; }
}
