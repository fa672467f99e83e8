namespace Postrider.FunctionalTests;

/// <summary>Mail that waits for a domain is fetched, by one Postrider from another.</summary>
public sealed class FetchTests
{
    [Fact]
    public async Task Mail_on_demand_waits_and_goes_when_it_is_asked_for()
    {
        await using var branch = await ServerProcess.StartAsync();
        await using var provider = await StartAsync(branch);
        await SendAsync(provider, "anna@branch.example");
        await SendAsync(provider, "bob@one.branch.example");
        await SendAsync(provider, "carl@other.example");
        await LoggedAsync(provider, "Mail for branch.example waits until it is fetched");
        await LoggedAsync(provider, "Mail for one.branch.example waits until it is fetched");
        // It does not so much as knock at the door, and outlives the process.
        await new Mailboxes(branch).ExpectAsync("carl", "other.example");
        await provider.StopAsync();
        await provider.StartAgainAsync();
        Assert.Single(new Mailboxes(branch).All());

        var run = await CommandRun.OfAsync("fetch", provider.EndPoint.ToString(), "--etrn", "branch.example");
        Assert.Equal("branch.example: 252 2.0.0 OK, pending messages for node branch.example started\n", run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        await new Mailboxes(branch).ExpectAsync("anna", "branch.example");
        Assert.Empty(new Mailboxes(branch).In("bob", "one.branch.example"));

        // What comes while the peer is there goes at once.
        await SendAsync(provider, "dora@branch.example");
        await new Mailboxes(branch).ExpectAsync("dora", "branch.example");

        run = await CommandRun.OfAsync("fetch", provider.EndPoint.ToString(), "--etrn", "@branch.example,secret.example", "--etrn", "nothing.branch.example");
        Assert.Equal(
            """
            @branch.example: 252 2.0.0 OK, pending messages for node @branch.example started
            secret.example: 459 4.7.1 Node secret.example not allowed: it is none of those whose mail you may fetch
            nothing.branch.example: 251 2.0.0 OK, no messages waiting for node nothing.branch.example

            """,
            run.Output);
        Assert.Equal(77, run.ExitCode);
        await new Mailboxes(branch).ExpectAsync("bob", "one.branch.example");
        Assert.Contains("ETRN @branch.example: 252 2.0.0", provider.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_can_send_mail_on_demand_and_it_is_listed_by_its_domain()
    {
        await using var branch = await ServerProcess.StartAsync();
        await using var provider = await StartAsync(branch);
        await SendAsync(provider, "anna@branch.example");
        await LoggedAsync(provider, "Mail for branch.example waits until it is fetched");
        var listed = await CommandRun.OfAsync("queue", "list", "--data", provider.Data, "--next-hop", "for:branch.example/on-demand:");
        Assert.Contains("anna@branch.example", listed.Output, StringComparison.Ordinal);
        Assert.Equal("1 due now.\n", (await CommandRun.OfAsync("queue", "retry", "--data", provider.Data, "--next-hop", "for:branch.example/on-demand:")).Output);
        await new Mailboxes(branch).ExpectAsync("anna", "branch.example");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_route_that_is_no_longer_on_demand_sends_what_has_waited(bool isRestart)
    {
        await using var branch = await ServerProcess.StartAsync();
        await using var provider = await StartAsync(branch);
        await SendAsync(provider, "anna@branch.example");
        await LoggedAsync(provider, "Mail for branch.example waits until it is fetched");
        await File.WriteAllTextAsync(provider.ConfigurationFile!, $$"""{ "hostname": "provider.example", "smarthost": "{{branch.EndPoint}}" }""");
        if (isRestart)
        {
            await provider.StopAsync();
            await provider.StartAgainAsync();
        }
        else
        {
            provider.Reload();
        }
        await new Mailboxes(branch).ExpectAsync("anna", "branch.example");
    }

    [Theory]
    [InlineData(64, "--etrn", "two words")]
    [InlineData(64, "--etrn", "a.example,,b.example")]
    [InlineData(64, "--etrn", "#")]
    [InlineData(64, "--etrn", "#two words")]
    [InlineData(64)]
    [InlineData(69, "--etrn", "a.example")]
    public async Task What_is_wrong_is_said(int exitCode, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(["fetch", ServerProcess.FreePort().ToString(), .. arguments]);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("postrider: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_ETRN_refuses_it_for_good()
    {
        await using var server = await ServerProcess.StartAsync();
        var run = await CommandRun.OfAsync("fetch", server.EndPoint.ToString(), "--etrn", "a.example");
        Assert.Equal((69, "a.example: 502 5.5.1 Command not implemented\n"), (run.ExitCode, run.Output));
    }

    private static Task<ServerProcess> StartAsync(ServerProcess branch) => ServerProcess.StartAsync($$"""
        {
          "hostname": "provider.example",
          "smarthost": "{{branch.EndPoint}}",
          "routes": {
            "branch.example": { "to": "{{branch.EndPoint}}", "deliver": "on-demand" },
            "*.branch.example": { "to": "{{branch.EndPoint}}", "deliver": "on-demand" },
          },
          "mayFetch": [ { "domains": [ "branch.example", "*.branch.example" ], "networks": "127.0.0.0/8" } ],
        }
        """);

    private static async Task SendAsync(ServerProcess server, string to)
    {
        var run = await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--from", "jones@example.org", "--to", to);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    private static Task<string> LoggedAsync(ServerProcess server, string text) =>
        Eventually.FoundAsync(() => server.Output.Contains(text, StringComparison.Ordinal) ? "" : null, () => $"{text}\n{server.Output}");
}
