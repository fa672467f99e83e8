using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>VRFY as a keyword of EHLO, for the peers that are told who is here (RFC 5321 §7.3). The command itself every server has.</summary>
public sealed class VerifyExtension : SmtpExtension
{
    private readonly Func<SessionFacts, bool> mayAsk;

    /// <summary>Lists it to those who may ask.</summary>
    /// <param name="mayAsk">Whether a peer may; any thread, at once.</param>
    public VerifyExtension(Func<SessionFacts, bool> mayAsk)
        : base("VRFY") => this.mayAsk = mayAsk;

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => mayAsk(facts) ? Keyword : null;
}
