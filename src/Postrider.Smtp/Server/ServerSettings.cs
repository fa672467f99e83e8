using Postrider.Smtp.Extensions;

namespace Postrider.Smtp.Server;

/// <summary>What a session works by. An immutable snapshot: a session keeps the one it started with.</summary>
public sealed class ServerSettings
{
    /// <summary>The name that the server gives in its greeting (RFC 5321 §4.1.3: a domain, or an address literal).</summary>
    public required string Hostname { get; init; }

    /// <summary>Sizes, counts and times.</summary>
    public ServerLimits Limits { get; init; } = ServerLimits.Default;

    /// <summary>The service extensions that are offered in EHLO; nothing else may be used.</summary>
    public SmtpExtensions Extensions { get; init; } = SmtpExtensions.Standard;

    /// <summary>What is taken as content.</summary>
    public ContentPolicy Content { get; init; } = ContentPolicy.Default;
}
