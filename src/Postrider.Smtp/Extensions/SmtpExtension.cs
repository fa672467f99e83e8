using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// A service extension (RFC 5321 §2.2): its keyword in EHLO and all that it adds to a session. Each is
/// one file, and the only owner of the parameters and verbs in it.
/// </summary>
public abstract class SmtpExtension
{
    private protected SmtpExtension(string keyword) => Keyword = keyword;

    /// <summary>The keyword that EHLO lists.</summary>
    public string Keyword { get; }

    /// <summary>Keyword and parameters as EHLO lists them to this peer, or null where it is not offered to it.</summary>
    internal virtual string? Offer(ServerSettings settings, SessionFacts facts) => Keyword;

    /// <summary>The parameters of MAIL, RCPT and other verbs that it owns.</summary>
    internal virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>The verbs that it adds.</summary>
    internal virtual IReadOnlyList<Verb> Verbs => [];
}
