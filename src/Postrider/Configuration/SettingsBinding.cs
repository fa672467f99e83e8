using Postrider.Hosting;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Greylisting;
using Postrider.Hosting.People;
using Postrider.Hosting.Reception;
using Postrider.Hosting.Relaying;
using Postrider.Hosting.Submission;
using Postrider.Hosting.Tokens;

namespace Postrider.Configuration;

/// <summary>The names of the configuration file, all of them, and the options they set.</summary>
internal static class SettingsBinding
{
    /// <summary>Reads every setting that is there.</summary>
    public static void Bind(SettingsSection root, MailServerOptions mail, SmtpServerOptions server, PeopleFiles people)
    {
        root.Text("hostname", value => mail.Hostname = value);
        root.Text("data", value => mail.DataFolder = value);
        root.Sections("listeners", server.Listeners.Clear, section => server.Listeners.Add(Listener(section)));
        root.Texts("localDomains", values => mail.LocalDomains = [.. values]);
        root.Map("routes", Route, (domain, route) => Add(root, "routes", mail.Routes, domain, route));
        root.TextsOrSection("smarthost", Route, route => mail.Smarthost = route);
        root.Texts("relayFrom", values => server.RelayFrom = [.. values]);
        root.Text("accounts", value => server.Accounts = value);
        root.Section("tls", section => Tls(section, server.Tls));
        root.Texts("xclientFrom", values => server.XClientFrom = [.. values]);
        root.Texts("xforwardFrom", values => server.XForwardFrom = [.. values]);
        root.Texts("blockLists", values => server.BlockLists = [.. values]);
        root.Flag("refuseNullMx", value => server.RefuseNullMx = value);
        root.Texts("dnsServers", values => server.DnsServers = [.. values]);
        root.Section("greylist", section => Greylist(section, server.Greylist ??= new GreylistOptions()));
        root.Section("tokens", section => Tokens(section, server.Tokens ??= new TokenOptions()));
        root.Section("mayAsk", section => Peers(section, server.MayAsk ??= new AskOptions()));
        root.Section("mayWrite", section => Peers(section, server.MayWrite ??= new AskOptions()));
        root.Sections("mayFetch", server.MayFetch.Clear, section => server.MayFetch.Add(Fetch(section)));
        root.Section("futureRelease", section => FutureRelease(section, server.FutureRelease));
        root.Section("deliverBy", section => DeliverBy(section, server.DeliverBy ??= new DeliverByOptions()));
        root.Section("priority", section => Priority(section, server.Priority ??= new PriorityOptions()));
        root.Text("people", value => people.File = value);
        root.Texts("aliases", values => people.Aliases = [.. values]);
        root.Section("limits", section => Limits(section, server.Limits));
        root.Section("retry", section => Retry(section, mail.Retry));
        root.Section("sandbox", section => Sandbox(section, mail.Sandbox ??= new SandboxOptions()));
    }

    private static ListenerOptions Listener(SettingsSection section)
    {
        var listener = new ListenerOptions();
        section.Text("address", value => listener.Address = value);
        section.Integer("port", value => listener.Port = value);
        section.Text("kind", value => listener.Kind = value);
        section.Text("tls", value => listener.Tls = value);
        section.Text("clientCertificates", value => listener.ClientCertificates = value);
        section.Flag("cramMd5", value => listener.CramMd5 = value);
        section.Texts("proxyFrom", values => listener.ProxyFrom = [.. values]);
        return listener;
    }

    // Hosts alone are a route as well as a section with hosts in it.
    private static RouteOptions Route(IReadOnlyList<string>? places, SettingsSection? section)
    {
        var route = new RouteOptions { To = [.. places ?? []] };
        if (section is null)
            return route;
        section.Texts("to", values => route.To = [.. values]);
        section.Text("deliver", value => route.Deliver = value);
        section.Text("tls", value => route.Tls = value);
        section.Text("chunking", value => route.Chunking = value);
        section.Flag("tlsOnConnect", value => route.TlsOnConnect = value);
        section.Flag("clearAfterFailure", value => route.ClearAfterFailure = value);
        section.Flag("senderMayWaiveTls", value => route.SenderMayWaiveTls = value);
        section.Texts("authorities", values => route.Authorities = [.. values]);
        section.Text("certificate", value => route.Certificate = value);
        section.Text("key", value => route.Key = value);
        section.Text("user", value => route.User = value);
        section.Secret("password", value => route.Password = value);
        section.Text("passwordFile", value => route.PasswordFile = value);
        section.Section("oauth", oauth => OAuth(oauth, route.OAuth = new OAuthOptions()));
        return route;
    }

    private static void OAuth(SettingsSection section, OAuthOptions oauth)
    {
        section.Text("tokenEndpoint", value => oauth.TokenEndpoint = value);
        section.Text("clientId", value => oauth.ClientId = value);
        section.Secret("clientSecret", value => oauth.ClientSecret = value);
        section.Text("clientSecretFile", value => oauth.ClientSecretFile = value);
        section.Text("scope", value => oauth.Scope = value);
    }

    private static void Tls(SettingsSection section, TlsOptions tls)
    {
        section.Sections("certificates", tls.Certificates.Clear, pair => tls.Certificates.Add(Certificate(pair)));
        section.Text("clientAuthorities", value => tls.ClientAuthorities = value);
    }

    private static CertificateOptions Certificate(SettingsSection section)
    {
        var pair = new CertificateOptions();
        section.Text("certificate", value => pair.Certificate = value);
        section.Text("key", value => pair.Key = value);
        return pair;
    }

    private static void FutureRelease(SettingsSection section, FutureReleaseOptions release)
    {
        section.Duration("longest", value => release.Longest = value);
        section.Size("reserve", value => release.Reserve = value);
    }

    private static void Greylist(SettingsSection section, GreylistOptions greylist)
    {
        section.Duration("delay", value => greylist.Delay = value);
        section.Duration("retryWindow", value => greylist.RetryWindow = value);
        section.Duration("keep", value => greylist.Keep = value);
    }

    private static void Tokens(SettingsSection section, TokenOptions tokens)
    {
        section.Text("issuer", value => tokens.Issuer = value);
        section.Text("audience", value => tokens.Audience = value);
        section.Text("accountClaim", value => tokens.AccountClaim = value);
    }

    private static void Priority(SettingsSection section, PriorityOptions priority)
    {
        section.Text("policy", value => priority.Policy = value);
        section.Section("mayRaise", peers => Peers(peers, priority.MayRaise = new AskOptions()));
        section.Integer("highest", value => priority.Highest = value);
        section.Text("others", value => priority.Others = value);
        section.Flag("headerField", value => priority.HeaderField = value);
    }

    private static void DeliverBy(SettingsSection section, DeliverByOptions deliverBy) =>
        section.Duration("shortest", value => deliverBy.Shortest = value);

    private static void Limits(SettingsSection section, LimitOptions limits)
    {
        section.Size("messageSize", value => limits.MessageSize = value);
        section.Integer("recipients", value => limits.Recipients = value);
        section.Integer("connections", value => limits.Connections = value);
        section.Integer("connectionsPerAddress", value => limits.ConnectionsPerAddress = value);
        section.Integer("connectionsPerNetwork", value => limits.ConnectionsPerNetwork = value);
        section.Rate("connectionRate", value => limits.ConnectionRate = value);
        section.Rate("messageRate", value => limits.MessageRate = value);
        section.Rate("recipientRate", value => limits.RecipientRate = value);
        section.Rate("accountMessageRate", value => limits.AccountMessageRate = value);
        section.Rate("accountRecipientRate", value => limits.AccountRecipientRate = value);
        section.Rate("loginFailures", value => limits.LoginFailures = value);
        section.Rate("accountLoginFailures", value => limits.AccountLoginFailures = value);
        section.Integer("ipv4Network", value => limits.IPv4Network = value);
        section.Integer("ipv6Address", value => limits.IPv6Address = value);
        section.Integer("ipv6Network", value => limits.IPv6Network = value);
        section.Texts("exempt", values => limits.Exempt = [.. values]);
        section.Duration("greetingDelay", value => limits.GreetingDelay = value);
        section.Duration("commandTimeout", value => limits.CommandTimeout = value);
        section.Duration("handshakeTimeout", value => limits.HandshakeTimeout = value);
        section.Duration("dataTimeout", value => limits.DataTimeout = value);
        section.Integer("minimumRate", value => limits.MinimumRate = value);
        section.Size("headerSize", value => limits.HeaderSize = value);
        section.Integer("receivedFields", value => limits.ReceivedFields = value);
        section.Integer("errors", value => limits.Errors = value);
        section.Integer("commandLine", value => limits.CommandLine = value);
        section.Integer("loginLine", value => limits.LoginLine = value);
        section.Integer("mimeParts", value => limits.MimeParts = value);
        section.Integer("idleCommands", value => limits.IdleCommands = value);
        section.Integer("refusedRecipients", value => limits.RefusedRecipients = value);
        section.Size("bodyMemory", value => limits.BodyMemory = value);
        section.Size("sessionMemory", value => limits.SessionMemory = value);
        section.Duration("stopTimeout", value => limits.StopTimeout = value);
    }

    private static void Retry(SettingsSection section, RetryOptions retry)
    {
        section.Durations("after", values => retry.After = [.. values]);
        section.Duration("giveUpAfter", value => retry.GiveUpAfter = value);
    }

    private static void Peers(SettingsSection section, AskOptions peers)
    {
        section.Texts("networks", values => peers.Networks = [.. values]);
        section.Texts("accounts", values => peers.Accounts = [.. values]);
    }

    private static FetchOptions Fetch(SettingsSection section)
    {
        var fetch = new FetchOptions();
        section.Texts("domains", values => fetch.Domains = [.. values]);
        section.Texts("networks", values => fetch.Networks = [.. values]);
        section.Texts("accounts", values => fetch.Accounts = [.. values]);
        section.Texts("certificates", values => fetch.Certificates = [.. values]);
        return fetch;
    }

    /// <summary>Reads the file that says who is here.</summary>
    public static void BindPeople(SettingsSection root, PeopleOptions people)
    {
        root.SectionMap("users", (name, section) => Add(root, "users", people.Users, name, User(section)));
        root.SectionMap("lists", (name, section) => Add(root, "lists", people.Lists, name, List(section)));
        root.TextsMap("aliases", (name, targets) => Add(root, "aliases", people.Aliases, name, targets));
        root.Map("moved", Moved, (name, moved) => Add(root, "moved", people.Moved, name, moved));
        root.TextsMap("catchAll", (domain, to) =>
        {
            if (to is [var only])
                Add(root, "catchAll", people.CatchAll, domain, only);
            else
                root.Report("catchAll", $"{domain} has {to.Count} addresses; give one, which may be an alias.");
        });
        root.Text("separators", value => people.Separators = value == "none" ? "" : value);
        root.Text("overQuota", value => people.OverQuota = value);
    }

    private static void Add<T>(SettingsSection root, string part, IDictionary<string, T> to, string name, T value)
    {
        if (!to.TryAdd(name, value))
            root.Report(part, $"{name} is given twice, in different case; remove one of them.");
    }

    private static UserOptions User(SettingsSection section)
    {
        var user = new UserOptions();
        section.Text("fullName", value => user.FullName = value);
        section.Text("mailbox", value => user.Mailbox = value);
        section.Size("quota", value => user.Quota = value);
        section.Integer("quotaMessages", value => user.QuotaMessages = value);
        section.Text("state", value => user.State = value);
        section.Texts("forward", values => user.Forward = [.. values]);
        section.Flag("keepCopy", value => user.KeepCopy = value);
        return user;
    }

    private static ListOptions List(SettingsSection section)
    {
        var list = new ListOptions();
        section.Text("fullName", value => list.FullName = value);
        section.Text("owner", value => list.Owner = value);
        section.Texts("members", values => list.Members = [.. values]);
        return list;
    }

    private static MovedOptions Moved(IReadOnlyList<string>? to, SettingsSection? section)
    {
        var moved = new MovedOptions { To = to is [var only] ? only : "" };
        section?.Text("to", value => moved.To = value);
        section?.Flag("forward", value => moved.Forward = value);
        return moved;
    }

    private static void Sandbox(SettingsSection section, SandboxOptions sandbox)
    {
        section.Integer("messages", value => sandbox.Messages = value);
        section.Size("size", value => sandbox.Size = value);
    }
}
