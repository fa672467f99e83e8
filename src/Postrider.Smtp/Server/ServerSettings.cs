using System.Text;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Grammar;

namespace Postrider.Smtp.Server;

/// <summary>What a session works by. An immutable snapshot: a session keeps the one it started with.</summary>
public sealed class ServerSettings
{
    private HostReplies? replies;

    /// <summary>The name that the server gives in its greeting: a domain or an address literal (RFC 5321 §4.1.3).</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public required string Hostname
    {
        get;
        init => field = HelloName.IsValid(Encoding.UTF8.GetBytes(value))
            ? value
            : throw new ArgumentException($"'{value}' is neither a domain nor an address literal.", nameof(value));
    }

    /// <summary>Sizes, counts and times.</summary>
    public ServerLimits Limits { get; init; } = ServerLimits.Default;

    /// <summary>The service extensions that are offered in EHLO; nothing else may be used.</summary>
    public SmtpExtensions Extensions { get; init; } = SmtpExtensions.Standard;

    /// <summary>What is taken as content.</summary>
    public ContentPolicy Content { get; init; } = ContentPolicy.Default;

    /// <summary>Whether mail is taken only from peers that have proven who they are (RFC 6409 §4.3); false unless set.</summary>
    public bool RequiresAuthentication { get; init; }

    /// <summary>
    /// Whether nothing but NOOP, EHLO, STARTTLS and QUIT is carried out in the clear (RFC 3207 §4); false unless
    /// set. A server for mail from anywhere must not require it.
    /// </summary>
    public bool RequiresTls { get; init; }

    /// <summary>
    /// Whether the server is for on-demand relay alone (RFC 2645 §5.4): it takes no mail and answers no questions, and gives those
    /// who log in what waits for them by ATRN. False unless set.
    /// </summary>
    public bool IsOnDemandRelay { get; init; }

    /// <summary>Whether everybody is told in the greeting, by 521, that this host takes no mail (RFC 7504 §3); false unless set.</summary>
    public bool TakesNoMail { get; init; }

    /// <summary>The domain of addresses that are given without one (RFC 6409 §4.2); null, as at first, refuses them (RFC 5321 §2.3.5).</summary>
    public string? DefaultDomain { get; init; }

    // Made twice where two sessions race to be the first; both are the same.
    internal HostReplies Replies => replies ??= new HostReplies(Hostname, Limits);
}
