using System.Globalization;

namespace Postrider.FunctionalTests.Interop;

/// <summary>nmap's scripts look for what spammers look for, on a server that is set up as a public one.</summary>
public sealed class NmapTests
{
    private static readonly Dictionary<string, string> people = new(StringComparer.Ordinal)
    {
        ["people.json"] = """{ "users": { "root": { "fullName": "Anna Smith" }, "admin": {}, "guest": {} } }""",
    };

    [Fact]
    public async Task It_is_no_open_relay()
    {
        // Nobody on this machine may send elsewhere; nmap calls from here.
        Assert.Contains("Server doesn't seem to be an open relay, all tests failed", await ScanAsync("192.0.2.0/24", "smtp-open-relay"), StringComparison.Ordinal);
        Assert.Contains("Server is an open relay (", await ScanAsync("127.0.0.0/8", "smtp-open-relay"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_for_submission_asks_for_a_login_first()
    {
        Assert.Contains("Server isn't an open relay, authentication needed", await ScanAsync("192.0.2.0/24", "smtp-open-relay", "submission"), StringComparison.Ordinal);
        Assert.Contains("Couldn't perform user enumeration, authentication needed", await ScanAsync("192.0.2.0/24", "smtp-enum-users", "submission"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("smtp-enum-users.methods={VRFY},smtp-enum-users.domain=example.org")]
    [InlineData("smtp-enum-users.methods={EXPN},smtp-enum-users.domain=example.org")]
    public async Task Nobody_is_told_who_is_here(string arguments)
    {
        var found = await ScanAsync("192.0.2.0/24", "smtp-enum-users", arguments: arguments);
        Assert.Contains("smtp-enum-users:", found, StringComparison.Ordinal);
        foreach (var user in (string[])["root", "admin", "guest", "Anna"])
            Assert.DoesNotContain(user, found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_commands_are_those_of_EHLO()
    {
        await using var server = await StartAsync("192.0.2.0/24", "smtp");
        await using var client = await RawSmtpClient.ConnectAsync(server.EndPoint);
        var said = (await client.CommandAsync("EHLO client.example", "250")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static line => line[4..]);

        Assert.Contains($"smtp-commands: mail.example.org, {string.Join(", ", said)}", await ScanAsync(server, "smtp-commands", ""), StringComparison.Ordinal);
    }

    private static async Task<string> ScanAsync(string relayFrom, string script, string kind = "smtp", string arguments = "")
    {
        await using var server = await StartAsync(relayFrom, kind);
        return await ScanAsync(server, script, arguments);
    }

    private static Task<string> ScanAsync(ServerProcess server, string script, string arguments) => ExternalProgram.Require("nmap").RunAsync(
        default, "-Pn", "-n", "-sT", "-p", server.EndPoint.Port.ToString(CultureInfo.InvariantCulture), "--script", "+" + script, "--script-args", arguments, "127.0.0.1");

    private static Task<ServerProcess> StartAsync(string relayFrom, string kind)
    {
        ExternalProgram.Require("nmap");
        return ServerProcess.StartAsync(
            $$"""
            {
              "hostname": "mail.example.org",
              "localDomains": [ "example.org" ],
              "people": "people.json",
              "relayFrom": [ "{{relayFrom}}" ],
              "smarthost": "127.0.0.1:9",
              "listeners": [ { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}}, "kind": "{{kind}}" } ]
            }
            """,
            people);
    }
}
