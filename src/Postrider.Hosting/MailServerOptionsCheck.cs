using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postrider.Delivery.People;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Admission;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Greylisting;
using Postrider.Hosting.People;
using Postrider.Hosting.Reception;
using Postrider.Hosting.Relaying;
using Postrider.Hosting.Tokens;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting;

/// <summary>
/// Checks options against each other and freezes them. It goes on behind a mistake, so that one run
/// reports all of them; a snapshot is only of use where none was found.
/// </summary>
/// <param name="time">The clock of what is frozen; the system's when null.</param>
internal sealed class MailServerOptionsCheck(TimeProvider? time = null)
{
    private readonly List<OptionsMistake> mistakes = [];
    private readonly List<OptionsMistake> warnings = [];

    /// <summary>What is wrong; empty where nothing is.</summary>
    public IReadOnlyList<OptionsMistake> Mistakes => mistakes;

    /// <summary>What is no mistake and should be known.</summary>
    public IReadOnlyList<OptionsMistake> Warnings => warnings;

    /// <summary>Checks and freezes the options.</summary>
    /// <param name="mail">Spool, routes and retries.</param>
    /// <param name="server">Reception, or null where there is none.</param>
    /// <returns>The snapshot, or null where there is a mistake.</returns>
    public MailServerSettings? Freeze(MailServerOptions mail, SmtpServerOptions? server)
    {
        var hostname = Hostname(mail.Hostname);
        var data = DataFolder(mail.DataFolder);
        var tls = new TlsOptionsCheck((path, reason) => Report(path, reason), (path, reason) => warnings.Add(new OptionsMistake(path, reason)), time ?? TimeProvider.System);
        var files = server is null ? TlsFiles.None : tls.Freeze(server.Tls, mail.Sandbox is null ? null : data);
        var isServer = server is not null;
        server ??= new SmtpServerOptions();
        if (string.IsNullOrWhiteSpace(server.Accounts))
            Report("accounts", "is empty; give the file of accounts.");
        if (server.Tokens is { } issuer)
            Tokens(issuer);
        var relayFrom = NetworkList.Freeze("relayFrom", server.RelayFrom, "anyone could send mail to anywhere by this server. Name the networks that may.", (path, reason) => Report(path, reason));
        var fetch = new FetchOptionsCheck((path, reason) => Report(path, reason));
        var fetching = fetch.Freeze(server.MayFetch);
        var listeners = isServer ? new ListenerOptionsCheck((path, reason) => Report(path, reason), tls).Freeze(server.Listeners, server.Tls.Certificates.Count > 0, files.AreOurOwn, fetching) : [];
        var (routes, people) = Routes(mail, data, fetching);
        if (routes != RoutingTable.Empty)
            fetch.CheckRoutes(routes);
        var asking = Asking("mayAsk", server.MayAsk, mail.Sandbox is not null, "anyone would be told who is here. Name the networks that may ask.");
        var writing = Asking("mayWrite", server.MayWrite, mail.Sandbox is not null, "anyone could write to your users' terminals. Name the networks that may.");
        var admission = new LimitOptionsCheck((path, reason) => Report(path, reason)).Freeze(server.Limits, relayFrom);
        var dnsServers = BlockLists(server);
        if (server.Greylist is { } greylist)
            Greylist(greylist);
        var priorities = server.Priority is null ? null : Priorities(server.Priority);
        if (server.FutureRelease.Longest != TimeSpan.Zero)
            Range("futureRelease.longest", server.FutureRelease.Longest, TimeSpan.FromMinutes(1), TimeSpan.FromDays(45), "1m to 45d, or 0s to turn it off");
        if (server.DeliverBy is { } deliverBy)
            Range("deliverBy.shortest", deliverBy.Shortest, TimeSpan.Zero, TimeSpan.FromDays(1), "0s to 1d");
        var retry = Retry(mail.Retry);
        if (mail.Sandbox is { } sandbox)
            Sandbox(sandbox, mail);
        else if (mail.LocalDomains.Count == 0 && mail.Routes.Count == 0 && mail.Smarthost.To.Count == 0)
            Report("localDomains", "mail would have nowhere to go; give localDomains, routes or a smarthost (or a sandbox, which keeps everything).");
        var extensions = Extensions(server)
            .With(new VerifyExtension(asking.MayAsk))
            .With(new ExpandExtension(asking.MayAsk))
            .With(new HelpExtension())
            .With(priorities is null ? null : new MtPriorityExtension(server.Priority!.Policy, priorities.HighestFor, server.Priority.Others == "refused"))
            .With(fetching.IsNobody ? null : new EtrnExtension(fetching.MayFetch, fetching.HasAccounts));
        if (!writing.IsNobody)
            extensions = new SmtpExtensions([.. extensions.Offered, .. TerminalExtension.All(writing.MayAsk)]);
        return mistakes.Count > 0 ? null : new MailServerSettings
        {
            Hostname = hostname,
            DataFolder = data,
            Listeners = listeners,
            RelayFrom = relayFrom,
            Routes = routes,
            People = people,
            Asking = asking,
            Fetching = fetching,
            Sandbox = mail.Sandbox is { } bound ? new SandboxBound(bound.Messages, bound.Size) : null,
            // A copy: what is frozen does not change with the options.
            Tokens = server.Tokens is { } tokens ? new TokenOptions { Issuer = tokens.Issuer, Audience = tokens.Audience, AccountClaim = tokens.AccountClaim } : null,
            Accounts = Path.Combine(data, server.Accounts),
            Connections = server.Limits.Connections,
            Greylist = server.Greylist,
            BlockLists = [.. server.BlockLists],
            RefusesNullMx = server.RefuseNullMx,
            DnsServers = dnsServers,
            ReceivedFields = server.Limits.ReceivedFields,
            MimeParts = server.Limits.MimeParts,
            DefaultDomain = SessionTerms.DefaultDomain(hostname, mail),
            SessionMemory = server.Limits.SessionMemory,
            BodyMemory = server.Limits.BodyMemory,
            // In a sandbox anybody is an account, and many programs the same one.
            Admission = mail.Sandbox is null ? admission : admission with { AccountMessages = RateLimit.Off, AccountRecipients = RateLimit.Off },
            StopTimeout = server.Limits.StopTimeout,
            Retry = retry,
            LongestHold = server.FutureRelease.Longest,
            HoldReserve = server.FutureRelease.Reserve,
            Priorities = priorities,
            Tls = files,
            Sessions = SessionTerms.Of(hostname, mail, server, extensions, fetching),
        };
    }

    private void Tokens(TokenOptions tokens)
    {
        if (!IssuerKeys.IsTrustworthy(tokens.Issuer))
            Report("tokens.issuer", tokens.Issuer.Length == 0 ? "is missing; give the issuer as its tokens state it, such as https://login.example.org." : $"\"{tokens.Issuer}\" is not an address of https; anyone could pretend to be the issuer.");
        if (tokens.Audience.Length == 0)
            Report("tokens.audience", "is missing; give what tokens for this server name as their audience, or any token of the issuer would do.");
        if (tokens.AccountClaim.Length == 0)
            Report("tokens.accountClaim", "is empty; give the claim that holds the name of the account, or remove it for \"email\".");
    }

    private string Hostname(string? given)
    {
        if (given is null)
            return HostNames.OfThisMachine();
        if (!HostNames.IsDomain(given) && !HostNames.IsAddressLiteral(given))
            Report("hostname", $"\"{given}\" is not a host name; give one such as mail.example.org, or an address in brackets such as [192.0.2.1].");
        return given;
    }

    private string DataFolder(string given)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            Report("data", "is empty; give a folder.");
            return "";
        }
        var path = Path.GetFullPath(given);
        if (File.Exists(path))
            Report("data", $"{path} is a file; give a folder, which is made where there is none.");
        return path;
    }

    private SmtpExtensions Extensions(SmtpServerOptions server)
    {
        var xclient = NetworkList.Freeze("xclientFrom", server.XClientFrom, "anyone could name any client. Name the proxies.", (path, reason) => Report(path, reason));
        var xforward = NetworkList.Freeze("xforwardFrom", server.XForwardFrom, "anyone could write what they like into the log. Name the content filters.", (path, reason) => Report(path, reason));
        return SmtpExtensions.Standard
            .With(new RequireTlsExtension())
            .With(new LimitsExtension())
            .With(server.DeliverBy is { } by && mistakes.Count == 0 ? new DeliverByExtension(by.Shortest) : null)
            .With(xclient.IsEmpty ? null : new XClientExtension(new PeerNetworks(xclient)))
            .With(xforward.IsEmpty ? null : new XForwardExtension(new PeerNetworks(xforward)));
    }

    private AskRights Asking(string path, AskOptions? given, bool isSandbox, string danger)
    {
        given ??= new AskOptions { Networks = isSandbox ? ["127.0.0.0/8", "::1/128"] : [] };
        return new AskRights(
            NetworkList.Freeze($"{path}.networks", given.Networks, danger, (place, reason) => Report(place, reason)),
            given.Accounts);
    }

    private (RoutingTable Table, AddressBook? People) Routes(MailServerOptions mail, string data, FetchRights fetching)
    {
        var before = mistakes.Count;
        var rules = new List<RouteRule>();
        // RFC 5321 §4.5.1: mail for the bare postmaster is always taken, by the first domain that has a place.
        var postmaster = mail.Sandbox is not null ? "localhost"
            : mail.LocalDomains.Concat(mail.Routes.Keys).FirstOrDefault(static domain => DomainPattern.TryParse(domain, out var pattern, out _) && !pattern.IsBelow);
        var postmasterMailbox = postmaster is null ? null : new Mailbox("postmaster", postmaster);
        var maildir = new MaildirTarget(Path.Combine(data.Length == 0 ? Path.GetTempPath() : data, "mail"), postmasterMailbox);
        var seen = new Dictionary<DomainPattern, string>();
        void Add(string domain, string path, RouteTarget? target)
        {
            if (!DomainPattern.TryParse(domain, out var pattern, out var error))
                Report(path, $"\"{domain}\" {error}; give a domain such as example.org, or *.example.org for all below it.");
            else if (!seen.TryAdd(pattern, path))
                Report(path, $"{domain} has a place already in {seen[pattern]}; remove one of them.");
            else if (target is not null)
                rules.Add(new RouteRule(pattern, target));
        }

        for (var i = 0; i < mail.LocalDomains.Count; i++)
            Add(mail.LocalDomains[i], Item("localDomains", i), maildir);
        foreach (var (domain, route) in mail.Routes)
        {
            var path = $"routes[\"{domain}\"]";
            if (!route.To.Contains("maildir", StringComparer.Ordinal))
                Add(domain, path, route.Deliver == "on-demand" ? OnDemand(domain, path, route, fetching) : Relay(path, route));
            else if (route.To.Count > 1)
                Report(path, "\"maildir\" stands alone; mail goes either there or to hosts.");
            else if (RouteTermsCheck.HasTerms(route) || route.Deliver != "at-once")
                Report(path, "\"maildir\" is on this machine; the other settings are for hosts.");
            else
                Add(domain, path, maildir);
        }
        if (mail.Smarthost.Deliver == "on-demand")
            Report("smarthost.deliver", "\"on-demand\" is for the route of a domain, which its peer fetches by name.");
        RouteTarget? otherwise = mail.Sandbox is not null ? maildir : mail.Smarthost.To.Count == 0 && !RouteTermsCheck.HasTerms(mail.Smarthost) ? null : Relay("smarthost", mail.Smarthost);
        if (mistakes.Count > before)
            return (RoutingTable.Empty, null);
        var table = Table(maildir);
        return mail.People is { } people && People(people, mail, table) is { } book
            ? (Table(new MaildirTarget(maildir.Root, postmasterMailbox, book)), book)
            : (table, null);

        RoutingTable Table(MaildirTarget mailboxes) => new(
            rules.Select(rule => rule.Target is MaildirTarget ? rule with { Target = mailboxes } : rule),
            otherwise is MaildirTarget ? mailboxes : otherwise,
            literals: mail.Sandbox is null ? null : mailboxes,
            postmasterMailbox,
            fetching.Domains);
    }

    private AddressBook? People(PeopleOptions people, MailServerOptions mail, RoutingTable table)
    {
        bool IsLocal(string domain) => table.Find(new Mailbox("x", domain))?.Target is MaildirTarget;
        var domain = mail.Sandbox is not null ? "localhost" : mail.LocalDomains.Concat(mail.Routes.Keys).FirstOrDefault(domain => !domain.StartsWith('*') && IsLocal(domain));
        if (domain is not null)
            return PeopleCheck.Freeze(people, domain, IsLocal, mail.Sandbox is not null, (path, reason) => Report(path, reason));
        Report(PeopleCheck.Root, "is for domains that are delivered here, and there is none; name them in localDomains.");
        return null;
    }

    private OnDemandTarget? OnDemand(string domain, string path, RouteOptions route, FetchRights fetching)
    {
        if (DomainPattern.TryParse(domain, out var pattern, out _) && !fetching.Domains.Any(pattern.Overlaps))
            Report($"{path}.deliver", "is \"on-demand\", and nobody may fetch the mail; name in mayFetch who may.");
        else if (route.To.Count == 0 && !fetching.ProvenDomains.Any(pattern.Overlaps))
            Report($"{path}.to", "is missing, so that the mail goes only to peers that prove who they are, and mayFetch has none; give hosts, or accounts or certificates in mayFetch.");
        if (route.To.Count > 0)
            return Relay(path, route) is { } relay ? new OnDemandTarget(relay) : null;
        if (RouteTermsCheck.HasTerms(route))
            Report(path, "has no hosts that the other settings are for; give them in to, or remove the settings.");
        return new OnDemandTarget(null);
    }

    private RelayTarget? Relay(string path, RouteOptions route)
    {
        if (route.Deliver is not ("at-once" or "on-demand"))
            Report($"{path}.deliver", $"\"{route.Deliver}\" is not known; give at-once or on-demand.");
        var places = route.To;
        if (places.Count == 0)
            Report(path, "is empty; give hosts such as \"mx.example.net:25\".");
        var hosts = ImmutableArray.CreateBuilder<RelayHost>(places.Count);
        for (var i = 0; i < places.Count; i++)
        {
            if (HostNames.TryParseHost(places[i], out var host))
                hosts.Add(host);
            else
                Report(places.Count == 1 ? path : Item(path, i), $"\"{places[i]}\" is not a host; give one such as mx.example.net:25, 192.0.2.1:25 or [2001:db8::1]:25.");
        }
        var terms = new RouteTermsCheck(time ?? TimeProvider.System, (place, reason) => Report(place, reason)).Freeze(path, route, hosts);
        return hosts.Count == 0 ? null : new RelayTarget(terms, hosts.ToImmutable());
    }

    private ImmutableArray<IPEndPoint> BlockLists(SmtpServerOptions server)
    {
        for (var i = 0; i < server.BlockLists.Count; i++)
        {
            if (!HostNames.IsDomain(server.BlockLists[i]))
                Report(Item("blockLists", i), $"\"{server.BlockLists[i]}\" is not a domain; give one such as zen.spamhaus.org.");
        }
        var servers = ImmutableArray.CreateBuilder<IPEndPoint>();
        for (var i = 0; i < server.DnsServers.Count; i++)
        {
            // An address alone has port 53.
            if (IPAddress.TryParse(server.DnsServers[i], out var address))
                servers.Add(new IPEndPoint(address, 53));
            else if (IPEndPoint.TryParse(server.DnsServers[i], out var endPoint) && endPoint.Port > 0)
                servers.Add(endPoint);
            else
                Report(Item("dnsServers", i), $"\"{server.DnsServers[i]}\" is not an address; give one such as 10.0.0.53 or [2001:db8::53]:5353.");
        }
        return servers.ToImmutable();
    }

    private void Greylist(GreylistOptions greylist)
    {
        Range("greylist.delay", greylist.Delay, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "1s to 1h; RFC 6647 §2.4 says at most a few hours, and 5m do");
        Range("greylist.retryWindow", greylist.RetryWindow, TimeSpan.FromHours(1), TimeSpan.FromDays(7), "1h to 7d");
        Range("greylist.keep", greylist.Keep, TimeSpan.FromDays(1), TimeSpan.FromDays(365), "1d to 365d");
    }

    private PriorityRights Priorities(PriorityOptions given)
    {
        // RFC 6710: the name is an esmtp-value.
        if (given.Policy is { } policy && (policy.Length is 0 or > 20 || policy.AsSpan().ContainsAnyExceptInRange('!', '~') || policy.Contains('=', StringComparison.Ordinal)))
            Report("priority.policy", $"\"{policy}\" is not the name of a policy; give one such as MIXER, STANAG4406 or NSEP.");
        if (given.Highest is < 0 or > 9)
            Report("priority.highest", "is out of range; give 0 to 9.");
        if (given.Others is not ("lowered" or "refused"))
            Report("priority.others", $"\"{given.Others}\" is neither lowered nor refused.");
        var mayRaise = Asking("priority.mayRaise", given.MayRaise, isSandbox: false, "anyone's mail would come before that of others. Name the networks that may.");
        return new PriorityRights(mayRaise, (sbyte)Math.Clamp(given.Highest, 0, 9), given.HeaderField);
    }

    private RetrySchedule Retry(RetryOptions retry)
    {
        if (retry.After.Count == 0)
            Report("retry.after", "is empty; give at least one time, such as [ \"5m\", \"1h\" ].");
        for (var i = 0; i < retry.After.Count; i++)
            Range(Item("retry.after", i), retry.After[i], TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(2), "100ms to 2d");
        Range("retry.giveUpAfter", retry.GiveUpAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(60), "100ms to 60d");
        return mistakes.Count > 0 ? RetrySchedule.Default : new RetrySchedule(retry.After, retry.GiveUpAfter);
    }

    private void Sandbox(SandboxOptions sandbox, MailServerOptions mail)
    {
        if (sandbox.Messages < 1)
            Report("sandbox.messages", "is out of range; give 1 or more.");
        if (sandbox.Size < 1_000_000)
            Report("sandbox.size", "is out of range; give 1 MB or more.");
        foreach (var (path, count) in new[] { ("localDomains", mail.LocalDomains.Count), ("routes", mail.Routes.Count), ("smarthost", mail.Smarthost.To.Count) })
        {
            if (count > 0)
                Report(path, "has no meaning beside sandbox, which keeps all mail here; remove one of the two.");
        }
    }

    private void Range(string path, TimeSpan value, TimeSpan least, TimeSpan most, string range)
    {
        if (value < least || value > most)
            Report(path, $"is out of range; give {range}.");
    }

    private static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    private bool Report(string path, string reason)
    {
        mistakes.Add(new OptionsMistake(path, reason));
        return false;
    }
}
