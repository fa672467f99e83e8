using System.Collections;
using Postrider.Configuration;

namespace Postrider.Tests.Configuration;

/// <summary>Each mistake, and the exact line that the operator reads.</summary>
public sealed class ConfigurationMistakeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("postrider-configuration-").FullName;

    public static TheoryData<string, string> Mistakes => new()
    {
        { "{\n  \"hostnam\": \"a.example\"\n}", ":2: hostnam: is not a setting; did you mean \"hostname\"?" },
        { "{\n  \"zzzzzzzz\": 1\n}", ":2: zzzzzzzz: is not a setting; known here: hostname, data, listeners, localDomains, routes, smarthost, relayFrom, accounts, tls, xclientFrom, xforwardFrom, blockLists, refuseNullMx, dnsServers, greylist, tokens, mayAsk, mayWrite, mayFetch, futureRelease, deliverBy, priority, people, aliases, limits, retry, sandbox." },
        { "{\n  \"hostname\": 5\n}", ":2: hostname: 5 is not a text in quotes." },
        { "{\n  \"hostname\": \"\"\n}", ":2: hostname: is empty; give a text in quotes, or remove it for the default." },
        { "{\n  \"hostname\": \"-bad-.example\"\n}", ":2: hostname: \"-bad-.example\" is not a host name; give one such as mail.example.org, or an address in brackets such as [192.0.2.1]." },
        { "{\n  \"hostname\": \"a.example\",\n  \"hostname\": \"b.example\"\n}", ":3: hostname: is given twice; the first is on line 2. Remove one of them." },
        { "{\n  \"listeners\": [\n    { \"address\": \"127.0.0.1\", \"port\": 70000 }\n  ]\n}", ":3: listeners[0].port: 70000 is not a port; give a number from 0 to 65535." },
        { "{\n  \"listeners\": [\n    { \"address\": \"127.0.0.1\", \"port\": \"x\" }\n  ]\n}", ":3: listeners[0].port: \"x\" is not a whole number." },
        { "{\n  \"listeners\": [\n    { \"port\": 25 }\n  ]\n}", ":3: listeners[0].address: is missing; give one such as 127.0.0.1, or 0.0.0.0 and :: for every address of this machine." },
        { "{\n  \"listeners\": [\n    { \"address\": \"localhost\" }\n  ]\n}", ":3: listeners[0].address: \"localhost\" is not an address; give one such as 127.0.0.1, or 0.0.0.0 and :: for every address of this machine." },
        { "{\n  \"listeners\": [\n    { \"address\": \"::1\", \"kind\": \"imap\" }\n  ]\n}", ":3: listeners[0].kind: \"imap\" is not a kind of listener; known: smtp, submission, odmr, none." },
        { "{\n  \"listeners\": [\n    { \"address\": \"::1\", \"kind\": \"odmr\" }\n  ]\n}", ":3: listeners[0].kind: \"odmr\" is for peers that fetch their mail, and nobody may; name in mayFetch who may." },
        { "{\n  \"listeners\": [\n    { \"address\": \"::1\", \"cramMd5\": true }\n  ]\n}", ":3: listeners[0].cramMd5: is for listeners of the kind odmr alone; elsewhere a password is proven by SCRAM-SHA-256." },
        { "{\n  \"listeners\": [\n    { \"address\": \"::1\", \"prot\": 25 }\n  ]\n}", ":3: listeners[0].prot: is not a setting; did you mean \"port\"?" },
        { "{\n  \"listeners\": [\n    { \"address\": \"0.0.0.0\", \"port\": 25 },\n    { \"address\": \"127.0.0.1\", \"port\": 25 }\n  ]\n}", ":4: listeners[1]: 127.0.0.1 port 25 is taken by listeners[0] already; give another port or remove one of them." },
        { "{\n  \"listeners\": [\n    { \"address\": \"::1\", \"proxyFrom\": [\"10.0.0.1\", \"lb\"] }\n  ]\n}", ":3: listeners[0].proxyFrom[1]: \"lb\" is not a network; give an address or a prefix such as 10.0.0.0/8 or fd00::/8." },
        { "{\n  \"listeners\": []\n}", ":2: listeners: is empty; give at least one, such as { \"address\": \"0.0.0.0\", \"port\": 25 }." },
        { "{\n  \"listeners\": \"127.0.0.1\"\n}", ":2: listeners: \"127.0.0.1\" is not a list of sections [ { … } ]." },
        { "{\n  \"localDomains\": [\"exa mple\"]\n}", ":2: localDomains[0]: \"exa mple\" has a character that no domain has; give a domain such as example.org, or *.example.org for all below it." },
        { "{\n  \"localDomains\": [\"a.example\", \"A.EXAMPLE\"]\n}", ":2: localDomains[1]: A.EXAMPLE has a place already in localDomains[0]; remove one of them." },
        { "{\n  \"localDomains\": [\n    \"a.example\",\n    7\n  ]\n}", ":4: localDomains[1]: 7 is not a text in quotes." },
        { "{\n  \"localDomains\": [\"a.example\"],\n  \"routes\": {\n    \"a.example\": \"h:25\"\n  }\n}", ":4: routes[\"a.example\"]: a.example has a place already in localDomains[0]; remove one of them." },
        { "{\n  \"routes\": { \"a.example\": [] }\n}", ":2: routes[\"a.example\"]: is empty; give hosts such as \"mx.example.net:25\"." },
        { "{\n  \"routes\": { \"a.example\": \"h:99999\" }\n}", ":2: routes[\"a.example\"]: \"h:99999\" is not a host; give one such as mx.example.net:25, 192.0.2.1:25 or [2001:db8::1]:25." },
        { "{\n  \"routes\": {\n    \"a.example\": [\n      \"h:25\",\n      \"h:x\"\n    ]\n  }\n}", ":5: routes[\"a.example\"][1]: \"h:x\" is not a host; give one such as mx.example.net:25, 192.0.2.1:25 or [2001:db8::1]:25." },
        { "{\n  \"routes\": { \"a.example\": [\"maildir\", \"h:25\"] }\n}", ":2: routes[\"a.example\"]: \"maildir\" stands alone; mail goes either there or to hosts." },
        { "{\n  \"routes\": { \"a.example\": \"h\", \"A.example\": \"h\" }\n}", ":2: routes: A.example is given twice, in different case; remove one of them." },
        { "{\n  \"routes\": []\n}", ":2: routes: a list [ … ] is not a section { … }." },
        { "{\n  \"smarthost\": \"999.1.1.1:25\"\n}", ":2: smarthost: \"999.1.1.1:25\" is not a host; give one such as mx.example.net:25, 192.0.2.1:25 or [2001:db8::1]:25." },
        { "{\n  \"routes\": { \"a.example\": { \"to\": \"h\", \"deliver\": \"later\" } }\n}", ":2: routes[\"a.example\"].deliver: \"later\" is not known; give at-once or on-demand." },
        { "{\n  \"routes\": { \"a.example\": { \"deliver\": \"on-demand\" } }\n}", ":2: routes[\"a.example\"].deliver: is \"on-demand\", and nobody may fetch the mail; name in mayFetch who may." },
        { "{\n  \"routes\": { \"a.example\": { \"deliver\": \"on-demand\", \"tls\": \"none\" } },\n  \"mayFetch\": [ { \"domains\": \"a.example\", \"accounts\": \"joe\" } ]\n}", ":2: routes[\"a.example\"]: has no hosts that the other settings are for; give them in to, or remove the settings." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"deliver\": \"on-demand\" }\n}", ":2: smarthost.deliver: \"on-demand\" is for the route of a domain, which its peer fetches by name." },
        { "{\n  \"routes\": { \"a.example\": { \"deliver\": \"on-demand\" } },\n  \"mayFetch\": [ { \"domains\": \"a.example\", \"networks\": \"10.0.0.0/8\" } ]\n}", ":2: routes[\"a.example\"].to: is missing, so that the mail goes only to peers that prove who they are, and mayFetch has none; give hosts, or accounts or certificates in mayFetch." },
        { "{\n  \"routes\": { \"*.a.example\": { \"deliver\": \"on-demand\" } },\n  \"mayFetch\": [ { \"domains\": \"a.example\", \"accounts\": \"joe\" } ],\n  \"smarthost\": \"h\"\n}", ":2: routes[\"*.a.example\"].deliver: is \"on-demand\", and nobody may fetch the mail; name in mayFetch who may." },
        { "{\n  \"mayFetch\": [ { \"accounts\": \"joe\" } ]\n}", ":2: mayFetch[0].domains: is missing; name the domains whose mail may be fetched." },
        { "{\n  \"smarthost\": \"h\",\n  \"mayFetch\": [ { \"domains\": \"a.example\" } ]\n}", ":3: mayFetch[0]: names nobody; give networks, accounts or certificates." },
        { "{\n  \"smarthost\": \"h\",\n  \"mayFetch\": [ { \"domains\": \"a..b\", \"accounts\": \"joe\" } ]\n}", ":3: mayFetch[0].domains[0]: \"a..b\" has an empty label; give a domain such as example.org, or *.example.org for all below it." },
        { "{\n  \"smarthost\": \"h\",\n  \"mayFetch\": [ { \"domains\": \"a.example\", \"networks\": \"::/0\" } ]\n}", ":3: mayFetch[0].networks[0]: ::/0 is every address there is: anyone could start the queue for the domains. Name the networks that may." },
        { "{\n  \"smarthost\": \"h\",\n  \"mayFetch\": [ { \"domains\": \"a.example\", \"accounts\": \"*\" } ]\n}", ":3: mayFetch[0].accounts[0]: \"*\" is no account; name each that may have the mail." },
        { "{\n  \"smarthost\": \"h\",\n  \"mayFetch\": [ { \"domains\": \"a.example\", \"certificates\": \"12:34\" } ]\n}", ":3: mayFetch[0].certificates[0]: \"12:34\" is neither a SHA-256 fingerprint of 64 hexadecimal digits nor a name in a certificate, such as mail.example.org." },
        { "{\n  \"localDomains\": [\"a.example\"],\n  \"mayFetch\": [ { \"domains\": \"a.example\", \"accounts\": \"joe\" } ]\n}", ":3: mayFetch[0].domains[0]: a.example is delivered here, so that nothing is there to be fetched; remove it." },
        { "{\n  \"localDomains\": [\"a.example\"],\n  \"mayFetch\": [ { \"domains\": \"b.example\", \"accounts\": \"joe\" } ]\n}", ":3: mayFetch[0].domains[0]: no route is for b.example, so that no mail is taken for it; give it one, which may be { \"deliver\": \"on-demand\" }." },
        { "{\n  \"smarthost\": 25\n}", ":2: smarthost: 25 is not a text in quotes, or a list of them." },
        { "{\n  \"smarthost\": {\n    \"to\": \"h\", \"tls\": \"always\"\n  }\n}", ":3: smarthost.tls: \"always\" is not known; give none, opportunistic, required or verified." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"chunking\": \"never\" }\n}", ":2: smarthost.chunking: \"never\" is not known; give binary or always." },
        { "{\n  \"smarthost\": { \"tls\": \"required\" }\n}", ":2: smarthost: is empty; give hosts such as \"mx.example.net:25\"." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"tls\": \"none\", \"tlsOnConnect\": true }\n}", ":2: smarthost.tlsOnConnect: has no meaning beside \"tls\": \"none\"; remove one of them." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"tls\": \"none\", \"user\": \"joe\", \"password\": \"x\" }\n}", ":2: smarthost.user: is not said in the clear but to this machine; demand TLS, such as \"tls\": \"verified\"." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"user\": \"joe\" }\n}", ":2: smarthost.password: is missing; give it, or a passwordFile with it." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"user\": \"joe\", \"password\": 12345 }\n}", ":2: smarthost.password: is not a text in quotes." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"password\": \"pa55word\" }\n}", ":2: smarthost.password: needs a user beside it." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"user\": \"joe\", \"password\": \"pa55word\", \"passwordFile\": \"x\" }\n}", ":2: smarthost.passwordFile: stands in place of password; remove one of them." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"certificate\": \"x\" }\n}", ":2: smarthost.key: is missing; a certificate and its key go together." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"tls\": 1 }\n}", ":2: smarthost.tls: 1 is not a text in quotes." },
        { "{\n  \"smarthost\": { \"to\": \"h\", \"user\": \"joe\", \"oauth\": { \"tokenEndpoint\": \"http://x.example/\", \"clientId\": \"i\", \"clientSecret\": \"s\" } }\n}", ":2: smarthost.oauth.tokenEndpoint: \"http://x.example/\" is not an https URL; give the token endpoint of the issuer." },
        { "{\n  \"routes\": { \"a.example\": { \"to\": \"maildir\", \"tls\": \"required\" } }\n}", ":2: routes[\"a.example\"]: \"maildir\" is on this machine; the other settings are for hosts." },
        { "{\n  \"relayFrom\": [\"10.0.0.5/8\"]\n}", ":2: relayFrom[0]: 10.0.0.5/8 has bits set behind its prefix; did you mean 10.0.0.0/8?" },
        { "{\n  \"relayFrom\": [\"0.0.0.0/0\"]\n}", ":2: relayFrom[0]: 0.0.0.0/0 is every address there is: anyone could send mail to anywhere by this server. Name the networks that may." },
        { "{\n  \"relayFrom\": [\"10.0.0.0/33\"]\n}", ":2: relayFrom[0]: /33 is not the length of a prefix; give a number from 1 to 32." },
        { "{\n  \"xclientFrom\": \"0.0.0.0/0\"\n}", ":2: xclientFrom[0]: 0.0.0.0/0 is every address there is: anyone could name any client. Name the proxies." },
        { "{\n  \"relayFrom\": [\"lan\"]\n}", ":2: relayFrom[0]: \"lan\" is not a network; give an address or a prefix such as 10.0.0.0/8 or fd00::/8." },
        { "{\n  \"limits\": { \"messageSize\": \"1 KB\" }\n}", ":2: limits.messageSize: is out of range; give 64 KiB (RFC 5321 §4.5.3.1.7) to 2 GB." },
        { "{\n  \"limits\": { \"messageSize\": \"much\" }\n}", ":2: limits.messageSize: \"much\" is not a size such as 500 KB, 50 MB or 2 GB, or a number of octets." },
        { "{\n  \"limits\": { \"recipients\": 99 }\n}", ":2: limits.recipients: is out of range; give 100 (RFC 5321 §4.5.3.1.8) to 50000." },
        { "{\n  \"limits\": { \"commandTimeout\": 300 }\n}", ":2: limits.commandTimeout: 300 is not a time with its unit such as 30s, 5m, 1h 30m or 5d." },
        { "{\n  \"limits\": { \"commandTimeout\": \"0s\" }\n}", ":2: limits.commandTimeout: is out of range; give 1s to 1h; RFC 5321 §4.5.3.2.7 says at least 5m." },
        { "{\n  \"limits\": { \"connectionRate\": \"fast\" }\n}", ":2: limits.connectionRate: \"fast\" is not a rate such as \"100/1m\", a number and the time that it is for, or \"off\"." },
        { "{\n  \"limits\": { \"messageRate\": \"5/30d\" }\n}", ":2: limits.messageRate: is out of range; give up to 10000000 in 1s to 7d, or \"off\"." },
        { "{\n  \"limits\": { \"connectionsPerAddress\": -1 }\n}", ":2: limits.connectionsPerAddress: is out of range; give 1 to 1000000, or 0 for no limit." },
        { "{\n  \"limits\": { \"receivedFields\": 99 }\n}", ":2: limits.receivedFields: is out of range; give 100 to 10000 fields; RFC 5321 §6.3 says at least 100." },
        { "{\n  \"limits\": { \"headerSize\": \"1 MB\" }\n}", ":2: limits.headerSize: is out of range; give 16 KiB to 256 KiB." },
        { "{\n  \"limits\": { \"bodyMemory\": \"1 MB\" }\n}", ":2: limits.bodyMemory: is out of range; give 16 MiB to 1 TiB." },
        { "{\n  \"limits\": { \"sessionMemory\": \"1 MB\" }\n}", ":2: limits.sessionMemory: is out of range; give 16 MiB to 1 TiB." },
        { "{\n  \"blockLists\": [\"zen.example\", \"a b\"]\n}", ":2: blockLists[1]: \"a b\" is not a domain; give one such as zen.spamhaus.org." },
        { "{\n  \"dnsServers\": \"ns.example\"\n}", ":2: dnsServers[0]: \"ns.example\" is not an address; give one such as 10.0.0.53 or [2001:db8::53]:5353." },
        { "{\n  \"greylist\": { \"delay\": \"2h\" }\n}", ":2: greylist.delay: is out of range; give 1s to 1h; RFC 6647 §2.4 says at most a few hours, and 5m do." },
        { "{\n  \"limits\": { \"ipv4Network\": 33 }\n}", ":2: limits.ipv4Network: is out of range; give 8 to 32 bits." },
        { "{\n  \"limits\": { \"ipv6Network\": 65 }\n}", ":2: limits.ipv6Network: is longer than ipv6Address; a network holds addresses, not the other way round." },
        { "{\n  \"limits\": { \"exempt\": [\"10.0.0.0/8\", \"::/0\"] }\n}", ":2: limits.exempt[1]: ::/0 is every address there is: no limit of addresses would be left. Name the networks." },
        { "{\n  \"limits\": []\n}", ":2: limits: a list [ … ] is not a section { … }." },
        { "{\n  \"retry\": { \"after\": [ \"1m\", \"x\" ] }\n}", ":2: retry.after[1]: \"x\" is not a time with its unit such as 30s, 5m, 1h 30m or 5d." },
        { "{\n  \"retry\": { \"after\": [ \"1m\", \"3d\" ] }\n}", ":2: retry.after[1]: is out of range; give 100ms to 2d." },
        { "{\n  \"retry\": { \"after\": [] }\n}", ":2: retry.after: is empty; give at least one time, such as [ \"5m\", \"1h\" ]." },
        { "{\n  \"retry\": { \"giveUpAfter\": \"90d\" }\n}", ":2: retry.giveUpAfter: is out of range; give 100ms to 60d." },
        { "{\n  \"sandbox\": { \"messages\": 0 }\n}", ":2: sandbox.messages: is out of range; give 1 or more." },
        { "{\n  \"sandbox\": {},\n  \"smarthost\": \"h\"\n}", ":3: smarthost: has no meaning beside sandbox, which keeps all mail here; remove one of the two." },
        { "{\n  \"hostname\": \"a.example\",,\n}", ":2: this is not JSON: ',' is an invalid start of a property name. Expected a '\"'." },
        { "{\n  \"priority\": { \"highest\": 10 }\n}", ":2: priority.highest: is out of range; give 0 to 9." },
        { "{\n  \"priority\": { \"policy\": \"a b\" }\n}", ":2: priority.policy: \"a b\" is not the name of a policy; give one such as MIXER, STANAG4406 or NSEP." },
        { "{\n  \"priority\": { \"others\": \"ignored\" }\n}", ":2: priority.others: \"ignored\" is neither lowered nor refused." },
        { "{\n  \"priority\": { \"mayRaise\": { \"networks\": [ \"0.0.0.0/0\" ] } }\n}", ":2: priority.mayRaise.networks[0]: 0.0.0.0/0 is every address there is: anyone's mail would come before that of others. Name the networks that may." },
        { "{\n  \"deliverBy\": { \"shortest\": \"25h\" }\n}", ":2: deliverBy.shortest: is out of range; give 0s to 1d." },
        { "{\n  \"futureRelease\": { \"longest\": \"46d\" }\n}", ":2: futureRelease.longest: is out of range; give 1m to 45d, or 0s to turn it off." },
        { "[]", ":1: the file holds a list [ … ]; it should hold one section { … }." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_with_its_place_and_what_would_be_right(string json, string expected)
    {
        var problems = Load(json).Problems;
        Assert.Contains(Path.Combine(folder, "postrider.json") + expected, problems, StringComparer.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_reported_in_one_run_in_the_order_of_the_file()
    {
        var problems = Load("""
            {
              "hostnam": "a.example",
              "listeners": [ { "address": "x", "port": -1, "kind": "pop" } ],
              "localDomains": [ "a.example", "a.example" ],
              "limits": { "recipients": 5, "messagesize": 5 }
            }
            """).Problems;
        string[] places = [":2: hostnam", ":3: listeners[0].address", ":3: listeners[0].port", ":3: listeners[0].kind", ":4: localDomains[1]", ":5: limits.messagesize", ":5: limits.recipients"];
        Assert.Equal(places.Length, problems.Count);
        foreach (var (place, problem) in places.Zip(problems))
            Assert.Contains($".json{place}: ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_syntax_is_the_one_mistake_reported() =>
        Assert.Single(Load("{ \"limits\": { \"recipients\": 5, ").Problems);

    [Fact]
    public void A_server_without_a_place_for_mail_says_so() =>
        Assert.Contains(Load("{ \"listeners\": [ { \"address\": \"::1\" } ] }").Problems, p => p.Contains("mail would have nowhere to go", StringComparison.Ordinal));

    [Theory]
    [InlineData("POSTRIDER__LIMITS__RECIPIENTS", "many", "POSTRIDER__LIMITS__RECIPIENTS: limits.RECIPIENTS: \"many\" is not a whole number.")]
    [InlineData("POSTRIDER__HOSTNAME__X", "1", "POSTRIDER__HOSTNAME__X: hostname: is one value and has no \"X\" in it.")]
    [InlineData("POSTRIDER__LISTENERS__7__PORT", "1", "POSTRIDER__LISTENERS__7__PORT: listeners: \"7\" is not an index of this list; give a number from 0 to 1.")]
    [InlineData("POSTRIDER__HOSTNAM", "a.example", "POSTRIDER__HOSTNAM: HOSTNAM: is not a setting; did you mean \"hostname\"?")]
    public void A_mistake_in_the_environment_names_the_variable(string name, string value, string expected) =>
        Assert.Contains(expected.Replace("limits.RECIPIENTS", "limits.recipients", StringComparison.Ordinal), Load(Right, new Hashtable(StringComparer.Ordinal) { [name] = value }).Problems, StringComparer.Ordinal);

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal(
            "/nowhere/postrider.json: there is no such file.",
            Assert.Throws<IOException>(() => PostriderConfiguration.Load(new("/nowhere/postrider.json", null, []), new Hashtable(StringComparer.Ordinal))).Message);

    [Fact]
    public void An_address_of_the_command_line_is_checked() =>
        Assert.Equal(
            ["--listen: \"2525\" is not an address with a port; give one such as 127.0.0.1:2525 or [::1]:2525."],
            PostriderConfiguration.Load(new(null, null, ["127.0.0.1:0", "2525"]), new Hashtable(StringComparer.Ordinal)).Problems);

    private const string Right = """
        {
          "hostname": "a.example",
          "listeners": [ { "address": "127.0.0.1", "port": 25 } ],
          "localDomains": [ "a.example" ],
          "limits": { }
        }
        """;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private PostriderConfiguration Load(string json, IDictionary? environment = null)
    {
        var file = Path.Combine(folder, "postrider.json");
        File.WriteAllText(file, json);
        return PostriderConfiguration.Load(new(file, null, []), environment ?? new Hashtable(StringComparer.Ordinal));
    }
}
