namespace Postrider.FunctionalTests;

public sealed class ReloadTests
{
    [Fact]
    public async Task SIGHUP_puts_new_routes_in_force_and_keeps_the_old_ones_where_there_is_a_mistake()
    {
        await using var server = await ServerProcess.StartAsync("""{ "localDomains": [ "one.example" ] }""");
        Assert.Equal(69, (await SendAsync(server, "a@two.example")).ExitCode);

        await File.WriteAllTextAsync(server.ConfigurationFile!, """{ "localDomains": [ "two.example" ], "retry": { "after": [ "1h" ] } }""");
        server.Reload();
        await LoggedAsync(server, "is in force");
        await LoggedAsync(server, "in force after a restart: retry");
        Assert.Equal(0, (await SendAsync(server, "a@two.example")).ExitCode);
        Assert.Equal(69, (await SendAsync(server, "a@one.example")).ExitCode);

        await File.WriteAllTextAsync(server.ConfigurationFile!, """{ "localDomains": [ "three.example" ], "limit": {} }""");
        server.Reload();
        await LoggedAsync(server, "limit: is not a setting; did you mean \"limits\"?");
        await LoggedAsync(server, "the configuration stays as it was: 1 mistakes");
        Assert.Equal(0, (await SendAsync(server, "a@two.example")).ExitCode);
        Assert.Equal(69, (await SendAsync(server, "a@three.example")).ExitCode);
    }

    [Fact]
    public async Task What_is_queued_goes_where_the_new_routes_lead()
    {
        await using var server = await ServerProcess.StartAsync($$"""{ "smarthost": "{{ServerProcess.FreePort()}}" }""");
        Assert.Equal(0, (await SendAsync(server, "a@two.example")).ExitCode);
        await LoggedAsync(server, " deferred ");
        await File.WriteAllTextAsync(server.ConfigurationFile!, """{ "localDomains": [ "two.example" ] }""");
        server.Reload();
        await LoggedAsync(server, "is in force");
        Assert.Equal(0, (await CommandRun.OfAsync("queue", "retry", "--all", "--data", server.Data)).ExitCode);
        await new Mailboxes(server).ExpectAsync("a", "two.example");
    }

    private static Task<CommandRun> SendAsync(ServerProcess server, string recipient) =>
        CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--to", recipient);

    private static Task<string> LoggedAsync(ServerProcess server, string text) =>
        Eventually.FoundAsync(() => server.Output.Contains(text, StringComparison.Ordinal) ? "" : null, () => $"{text}\n{server.Output}");
}
