using System.Globalization;
using System.Net;
using Postrider.Hosting.Reception;
using Postrider.Hosting.Relaying;

namespace Postrider.Configuration;

/// <summary>What a configuration means, in a few lines for people.</summary>
internal static class ConfigurationSummary
{
    /// <summary>The lines, each a word and what is said of it.</summary>
    public static IEnumerable<string> Lines(PostriderConfiguration configuration)
    {
        var (mail, server) = (configuration.Mail, configuration.Server);
        yield return $"  listens    {string.Join(", ", server.Listeners.Select(l => $"{new IPEndPoint(IPAddress.Parse(l.Address), l.Port)} ({Kind(l, server)})"))}";
        foreach (var line in Destinations(configuration))
            yield return line;
        if (mail.People is { } people)
            yield return string.Create(CultureInfo.InvariantCulture, $"  people     {people.Users.Count} users, {people.Aliases.Count} aliases, {people.Lists.Count} lists, {people.Moved.Count} moved");
        yield return $"  data       {Path.GetFullPath(mail.DataFolder)}";
    }

    /// <summary>What a listener speaks, and what it does about TLS.</summary>
    public static string Kind(ListenerOptions listener, SmtpServerOptions server)
    {
        var tls = listener.Tls ?? (server.Tls.Certificates.Count > 0 ? "offered" : "off");
        return tls == "off" ? listener.Kind : $"{listener.Kind}, TLS {tls}";
    }

    /// <summary>Where mail goes.</summary>
    public static IEnumerable<string> Destinations(PostriderConfiguration configuration)
    {
        var (mail, server) = (configuration.Mail, configuration.Server);
        var maildirs = Path.Combine(Path.GetFullPath(mail.DataFolder), "mail");
        if (mail.Sandbox is { } sandbox)
        {
            yield return $"  mail       for any recipient goes to a Maildir in {maildirs}; nothing is sent out";
            yield return string.Create(CultureInfo.InvariantCulture, $"  keeps      the newest {sandbox.Messages:N0} messages, {Quantities.FormatSize(sandbox.Size)} at most");
            yield break;
        }
        if (mail.LocalDomains.Count > 0)
            yield return $"  local      {string.Join(", ", mail.LocalDomains)}: to Maildirs in {maildirs}";
        foreach (var (domain, route) in mail.Routes)
            yield return $"  route      {domain}: to {(route.To is ["maildir"] ? $"Maildirs in {maildirs}" : Hosts(route))}{(route.Deliver == "on-demand" ? ", on demand" : "")}";
        foreach (var fetch in server.MayFetch)
            yield return $"  fetch      {string.Join(", ", fetch.Domains)}: by {string.Join(", ", [.. fetch.Networks, .. fetch.Accounts.Select(static account => $"account {account}"), .. fetch.Certificates.Select(static certificate => $"certificate {certificate}")])}";
        if (mail.Smarthost.To.Count > 0)
            yield return $"  smarthost  {Hosts(mail.Smarthost)}: for everything else, from {string.Join(", ", server.RelayFrom)}";
    }

    private static string Hosts(RouteOptions route)
    {
        var hosts = route.To.Count == 0 ? "whoever fetches it" : string.Join(", then ", route.To);
        return route is { Tls: "opportunistic", User: null } ? hosts : $"{hosts} (TLS {route.Tls}{(route.User is null ? "" : $", as {route.User}")})";
    }
}
