using Microsoft.Extensions.Options;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Reception;
using Postrider.Transport.Listening;

namespace Postrider.Hosting;

/// <summary>
/// Puts changed options in force while the server runs. Routes, relaying, limits and certificates count for every
/// session and attempt that begins from then on; what is queued for a route that has changed is
/// sorted anew at its next attempt.
/// </summary>
internal sealed class SettingsReload(CurrentSettings current, Router router, MailQueueHost delivery, SmtpServer server, ServerCertificates certificates)
{
    /// <summary>Checks the options and puts them in force, all of them or none.</summary>
    /// <returns>The names of those that have changed and count only after a restart.</returns>
    /// <exception cref="OptionsValidationException">An option is wrong; what was in force stays so.</exception>
    public IReadOnlyList<string> Apply(MailServerOptions mail, SmtpServerOptions smtp)
    {
        var check = new MailServerOptionsCheck();
        var next = check.Freeze(mail, smtp)
            ?? throw new OptionsValidationException(Options.DefaultName, typeof(MailServerOptions), check.Mistakes.Select(static mistake => mistake.ToString()));
        var now = current.Value;
        var later = new List<string>();
        if (next.DataFolder != now.DataFolder)
            later.Add("data");
        if (!next.Listeners.SequenceEqual(now.Listeners))
            later.Add("listeners");
        if (next.Accounts != now.Accounts)
            later.Add("accounts");
        if ((next.Tokens?.Issuer, next.Tokens?.Audience, next.Tokens?.AccountClaim) != (now.Tokens?.Issuer, now.Tokens?.Audience, now.Tokens?.AccountClaim))
            later.Add("tokens");
        if (next.Sandbox != now.Sandbox)
            later.Add("sandbox");
        if (next.Hostname != now.Hostname)
            later.Add("hostname");
        if (!next.Retry.Intervals.SequenceEqual(now.Retry.Intervals) || next.Retry.MaximumAge != now.Retry.MaximumAge)
            later.Add("retry");
        if (!next.DnsServers.SequenceEqual(now.DnsServers))
            later.Add("dnsServers");
        if (next.MimeParts != now.MimeParts)
            later.Add("limits.mimeParts");
        if (next.BodyMemory != now.BodyMemory)
            later.Add("limits.bodyMemory");

        // Another folder or mode of work is another server: its routes would lead elsewhere too.
        if (later.Contains("data", StringComparer.Ordinal) || later.Contains("sandbox", StringComparer.Ordinal))
            return later;
        current.Replace(next);
        router.Replace(next.Routes);
        delivery.SortOnDemand();
        server.MaxSessions = next.Connections;
        server.SessionMemory = next.SessionMemory;
        certificates.Refresh();
        return later;
    }
}
