using System.Collections;
using Postrider.Configuration;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Hosting;
using Postrider.Hosting.Admission;
using Postrider.Hosting.Relaying;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Tests.Transport.Tls;

namespace Postrider.Tests.Configuration;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("postrider-configuration-").FullName;

    [Fact]
    public void Every_setting_is_read()
    {
        var configuration = Load("""
            // A comment, and trailing commas
            {
              "hostname": "mx.example.org", /* here too */
              "data": "spool",
              "listeners": [ { "address": "0.0.0.0", "port": 2500, "kind": "smtp", "proxyFrom": "10.0.0.5" }, { "address": "::" }, ],
              "localDomains": [ "example.org" ],
              "routes": { "example.net": [ "10.0.0.1:2525", "[2001:db8::1]:26" ], "example.com": "maildir" },
              "smarthost": "relay.example.com:587",
              "relayFrom": [ "10.0.0.0/8", "192.0.2.7", "fd00::/8" ],
              "blockLists": "zen.example.org", "refuseNullMx": true, "dnsServers": [ "10.0.0.53", "[2001:db8::53]:5353" ],
              "greylist": { "delay": "10m", "retryWindow": "1d", "keep": "30d" },
              "xclientFrom": [ "10.0.0.6" ], "xforwardFrom": "10.0.0.7",
              "limits": {
                "messageSize": "20 MiB", "recipients": 200, "connections": 50,
                "commandTimeout": "1m 30s", "dataTimeout": "2m", "stopTimeout": "500ms",
                "connectionsPerAddress": 5, "connectionsPerNetwork": 9, "connectionRate": "30/1m", "messageRate": "off",
                "recipientRate": "7 / 2m", "accountMessageRate": "1/s", "accountRecipientRate": "500/1d",
                "greetingDelay": "6s", "minimumRate": 50, "headerSize": "64 KiB", "receivedFields": 150, "errors": 5, "idleCommands": 30, "refusedRecipients": 40, "mimeParts": 50, "commandLine": 600, "loginLine": 700, "bodyMemory": "32 MiB",
                "ipv4Network": 20, "ipv6Address": 56, "ipv6Network": 40, "exempt": [ "192.0.2.0/24" ],
              },
              "retry": { "after": [ "1m", "2h" ], "giveUpAfter": "3d 12h" },
            }
            """);
        Assert.Empty(configuration.Problems);
        var (mail, server) = (configuration.Mail, configuration.Server);
        Assert.Equal("mx.example.org", mail.Hostname);
        Assert.Equal(Path.Combine(folder, "spool"), mail.DataFolder);
        Assert.Equal([("0.0.0.0", 2500), ("::", 25)], server.Listeners.Select(l => (l.Address, l.Port)));
        Assert.Equal(["10.0.0.5"], server.Listeners[0].ProxyFrom);
        Assert.Equal(("10.0.0.6", "10.0.0.7"), (Assert.Single(server.XClientFrom), Assert.Single(server.XForwardFrom)));
        Assert.Equal(["example.org"], mail.LocalDomains);
        Assert.Equal(["10.0.0.1:2525", "[2001:db8::1]:26"], mail.Routes["EXAMPLE.net"].To);
        Assert.Equal(["maildir"], mail.Routes["example.com"].To);
        Assert.Equal(["relay.example.com:587"], mail.Smarthost.To);
        Assert.Equal(["10.0.0.0/8", "192.0.2.7", "fd00::/8"], server.RelayFrom);
        Assert.Equal((20L << 20, 200, 50), (server.Limits.MessageSize, server.Limits.Recipients, server.Limits.Connections));
        Assert.Equal((5, 9, 20, 56, 40), (server.Limits.ConnectionsPerAddress, server.Limits.ConnectionsPerNetwork, server.Limits.IPv4Network, server.Limits.IPv6Address, server.Limits.IPv6Network));
        Assert.Equal(
            [new RateLimit(30, TimeSpan.FromMinutes(1)), RateLimit.Off, new(7, TimeSpan.FromMinutes(2)), new(1, TimeSpan.FromSeconds(1)), new(500, TimeSpan.FromDays(1))],
            [server.Limits.ConnectionRate, server.Limits.MessageRate, server.Limits.RecipientRate, server.Limits.AccountMessageRate, server.Limits.AccountRecipientRate]);
        Assert.Equal((600, 700), (server.Limits.CommandLine, server.Limits.LoginLine));
        Assert.Equal((50, 50, 65_536L, 150, 5, 30, 40, 32L << 20), (server.Limits.MimeParts, server.Limits.MinimumRate, server.Limits.HeaderSize, server.Limits.ReceivedFields, server.Limits.Errors, server.Limits.IdleCommands, server.Limits.RefusedRecipients, server.Limits.BodyMemory));
        Assert.Equal((10.0, 1.0, 30.0), (server.Greylist!.Delay.TotalMinutes, server.Greylist.RetryWindow.TotalDays, server.Greylist.Keep.TotalDays));
        Assert.True(server.RefuseNullMx);
        Assert.Equal(("zen.example.org", 2), (Assert.Single(server.BlockLists), server.DnsServers.Count));
        Assert.Equal(TimeSpan.FromSeconds(6), server.Limits.GreetingDelay);
        Assert.Equal(["192.0.2.0/24"], server.Limits.Exempt!);
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(500)), (server.Limits.CommandTimeout, server.Limits.DataTimeout, server.Limits.StopTimeout));
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromHours(2), TimeSpan.FromHours(84)), (mail.Retry.After[0], mail.Retry.After[1], mail.Retry.GiveUpAfter));
        Assert.Null(mail.Sandbox);
    }

    [Fact]
    public void A_route_says_on_what_terms_its_mail_is_handed_over()
    {
        var authority = new TestAuthority();
        var (certificate, key) = authority.IssuePem(TestAuthority.Now.AddDays(1), "client.example");
        File.WriteAllText(Path.Combine(folder, "ca.pem"), authority.Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate);
        File.WriteAllText(Path.Combine(folder, "key.pem"), key);
        File.WriteAllText(Path.Combine(folder, "password"), "pa55word\n");
        var configuration = Load(
            """
            {
              "listeners": [ { "address": "127.0.0.1" } ],
              "routes": {
                "a.example": { "to": "h:465", "tls": "verified", "authorities": "ca.pem", "certificate": "cert.pem", "key": "key.pem", "user": "joe", "passwordFile": "password" },
                "b.example": { "to": [ "h", "i" ], "tls": "none" },
                "c.example": { "to": "h", "tls": "required", "user": "joe",
                  "oauth": { "tokenEndpoint": "https://issuer.example/token", "clientId": "id", "clientSecret": "x", "scope": "mail" } },
                "d.example": { "to": "h", "tlsOnConnect": true, "clearAfterFailure": false, "senderMayWaiveTls": true },
              },
              "smarthost": { "to": "relay.example.com:587", "user": "joe" },
            }
            """,
            new Hashtable(StringComparer.Ordinal) { ["POSTRIDER__SMARTHOST__PASSWORD"] = "fromEnvironment" });
        Assert.Empty(configuration.Problems);
        var mail = configuration.Mail;
        var a = mail.Routes["a.example"];
        Assert.Equal(("verified", Path.Combine(folder, "password")), (a.Tls, a.PasswordFile));
        Assert.Equal(["h", "i"], mail.Routes["b.example"].To);
        Assert.Equal((true, false), (mail.Routes["d.example"].TlsOnConnect, mail.Routes["d.example"].ClearAfterFailure));
        Assert.Equal("fromEnvironment", mail.Smarthost.Password);

        var routes = new MailServerOptionsCheck().Freeze(mail, configuration.Server)!.Routes;
        RelayTerms Terms(string domain) => ((RelayTarget)routes.Find(new Mailbox("x", domain))!.Value.Target).Terms;
        Assert.Equal((TlsDemand.Verified, "joe"), (Terms("a.example").Tls, Terms("a.example").Credentials!.UserName));
        Assert.Equal(authority.Certificate.Thumbprint, Terms("a.example").TrustAnchors[0].Thumbprint);
        Assert.Equal("CN=client.example", Terms("a.example").Certificate!.Subject);
        Assert.Equal((TlsDemand.None, false), (Terms("b.example").Tls, Terms("b.example").SenderMayWaiveTls));
        Assert.True(Terms("d.example").SenderMayWaiveTls);
        Assert.IsType<OAuthTokens>(Terms("c.example").Credentials);
        Assert.Equal((TlsDemand.Opportunistic, "joe"), (Terms("other.example").Tls, Terms("other.example").Credentials!.UserName));
        Assert.All(ConfigurationSummary.Lines(configuration), line => Assert.DoesNotContain("pa55word", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_file_it_is_a_sandbox_on_loopback()
    {
        var configuration = PostriderConfiguration.Load(new(null, null, []), new Hashtable(StringComparer.Ordinal));
        Assert.Empty(configuration.Problems);
        Assert.NotNull(configuration.Mail.Sandbox);
        Assert.Equal([("127.0.0.1", 2525), ("::1", 2525)], configuration.Server.Listeners.Select(l => (l.Address, l.Port)));
    }

    [Fact]
    public void The_environment_replaces_what_the_file_says()
    {
        var configuration = Load(
            """{ "listeners": [ { "address": "::1" } ], "localDomains": [ "a.example" ], "limits": { "recipients": 200 } }""",
            new Hashtable(StringComparer.Ordinal)
            {
                ["POSTRIDER__LIMITS__RECIPIENTS"] = "300",
                ["POSTRIDER__LOCALDOMAINS"] = "b.example, c.example",
                ["POSTRIDER__LISTENERS__0__PORT"] = "2500",
                ["POSTRIDER__LISTENERS__1__ADDRESS"] = "127.0.0.1",
                ["postrider__routes__d.example"] = "h1:25,h2:25",
                ["POSTRIDER_OTHER"] = "not one of ours",
            });
        Assert.Empty(configuration.Problems);
        Assert.Equal(300, configuration.Server.Limits.Recipients);
        Assert.Equal(["b.example", "c.example"], configuration.Mail.LocalDomains);
        Assert.Equal([("::1", 2500), ("127.0.0.1", 25)], configuration.Server.Listeners.Select(l => (l.Address, l.Port)));
        Assert.Equal(["h1:25", "h2:25"], configuration.Mail.Routes["d.example"].To);
    }

    [Fact]
    public void The_command_line_replaces_folder_and_listeners()
    {
        var file = Path.Combine(folder, "postrider.json");
        File.WriteAllText(file, """{ "data": "x", "listeners": [ { "address": "::1" } ], "smarthost": "h" }""");
        var configuration = PostriderConfiguration.Load(new(file, "/other", ["127.0.0.1:7", "[::1]:8"]), new Hashtable(StringComparer.Ordinal));
        Assert.Empty(configuration.Problems);
        Assert.Equal("/other", configuration.Mail.DataFolder);
        Assert.Equal([("127.0.0.1", 7), ("::1", 8)], configuration.Server.Listeners.Select(l => (l.Address, l.Port)));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("1.5 KB", 1500)]
    [InlineData("2kib", 2048)]
    [InlineData("50MB", 50_000_000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("1.5", null)]
    [InlineData("9223372036854775808", null)]
    [InlineData("99999999 TB", null)]
    [InlineData("-1", null)]
    [InlineData("MB", null)]
    [InlineData("5 XB", null)]
    public void Sizes(string text, object? octets) =>
        Assert.Equal(octets is null ? null : Convert.ToInt64(octets, System.Globalization.CultureInfo.InvariantCulture), Quantities.TryParseSize(text, out var size) ? size : (long?)null);

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("1h 30m", 5_400_000)]
    [InlineData("1d2h", 93_600_000)]
    [InlineData("0s", 0)]
    [InlineData("30", null)]
    [InlineData("m", null)]
    [InlineData("5m 1h", null)]
    [InlineData("1s 1s", null)]
    [InlineData("999999999d", null)]
    [InlineData("9999999999s", null)]
    [InlineData("", null)]
    public void Durations(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, Quantities.TryParseDuration(text, out var duration) ? (int)duration.TotalMilliseconds : null);

    [Theory]
    [InlineData(999, "999 octets")]
    [InlineData(1234, "1.2 KB")]
    [InlineData(500_000_000, "500 MB")]
    public void Sizes_for_people(long octets, string text) => Assert.Equal(text, Quantities.FormatSize(octets));

    [Theory]
    [InlineData(432_000, "5d")]
    [InlineData(5_430, "1h 30m")]
    [InlineData(0.25, "250ms")]
    [InlineData(0, "0s")]
    public void Times_for_people(double seconds, string text) => Assert.Equal(text, Quantities.FormatDuration(TimeSpan.FromSeconds(seconds)));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private PostriderConfiguration Load(string json, IDictionary? environment = null)
    {
        var file = Path.Combine(folder, "postrider.json");
        File.WriteAllText(file, json);
        return PostriderConfiguration.Load(new(file, null, []), environment ?? new Hashtable(StringComparer.Ordinal));
    }
}
