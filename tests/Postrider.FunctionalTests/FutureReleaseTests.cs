namespace Postrider.FunctionalTests;

/// <summary>Mail that its sender wants to be kept (RFC 4865), through the program.</summary>
public sealed class FutureReleaseTests
{
    private const string Secret = "a secret of tim's";

    [Fact]
    public async Task It_is_kept_over_a_kill_shown_and_released()
    {
        await using var server = await SubmissionServer.StartAsync(Secret);
        var sent = await SendAsync(server, "--hold-for", "2h");
        Assert.Equal(("", 0), (sent.Error, sent.ExitCode));
        Assert.Contains("FUTURERELEASE 2592000 20", sent.Output, StringComparison.Ordinal);
        Assert.Contains(" HOLDFOR=7200", sent.Output, StringComparison.Ordinal);
        var id = sent.Output.TrimEnd()[^13..];
        await Eventually.TrueAsync(() => server.Output.Contains($"{id} is kept until 20", StringComparison.Ordinal), () => server.Output);
        await server.KillAsync();
        await server.StartAgainAsync();

        Assert.Contains("\theld\t", (await QueueAsync(server, "list")).Output, StringComparison.Ordinal);
        Assert.Matches("held: Until 20.*Z, as the sender wants it", (await QueueAsync(server, "show", id)).Output);
        Assert.Equal("0 due now.\n", (await QueueAsync(server, "retry", "--all")).Output);
        Assert.Equal("0 released.\n", (await QueueAsync(server, "release", "--all")).Output);
        Assert.Empty(new Mailboxes(server).All());
        Assert.Equal("1 released.\n", (await QueueAsync(server, "release", id)).Output);
        await new Mailboxes(server).ExpectAsync("tim", "example.org");
    }

    [Fact]
    public async Task It_goes_of_itself_when_its_time_has_come()
    {
        await using var server = await SubmissionServer.StartAsync(Secret);
        Assert.Equal(0, (await SendAsync(server, "--hold-for", "1s")).ExitCode);
        await new Mailboxes(server).ExpectAsync("tim", "example.org");
    }

    [Fact]
    public async Task What_asks_for_too_much_is_not_sent()
    {
        await using var server = await SubmissionServer.StartAsync(Secret);
        var late = await SendAsync(server, "--hold-until", "2222-02-02T02:02:02Z");
        Assert.Equal(69, late.ExitCode);
        Assert.Contains("The server keeps no message as long as that", late.Error, StringComparison.Ordinal);
        var past = await SendAsync(server, "--hold-until", "2002-02-02T02:02:02Z");
        Assert.Equal(69, past.ExitCode);
        Assert.Contains("501 5.5.4 Parameter HOLDUNTIL takes a time to come, 20", past.Error, StringComparison.Ordinal);
        Assert.Equal(64, (await SendAsync(server, "--hold-until", "tomorrow")).ExitCode);
        Assert.Equal(64, (await SendAsync(server, "--hold-for", "1h", "--hold-until", "2222-02-02")).ExitCode);
    }

    [Fact]
    public async Task Other_servers_are_not_offered_it()
    {
        await using var server = await ServerProcess.StartAsync("""{ "localDomains": [ "example.org" ] }""");
        await using var client = await RawSmtpClient.ConnectAsync(server.EndPoint);
        Assert.DoesNotContain("FUTURERELEASE", await client.CommandAsync("EHLO client.example", "250"), StringComparison.Ordinal);
        await client.CommandAsync("MAIL FROM:<a@example.com> HOLDFOR=60", "555 5.5.4");
        var sent = await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--to", "a@example.org", "--hold-for", "1h");
        Assert.Equal(69, sent.ExitCode);
        Assert.Contains("the server does not offer FUTURERELEASE", sent.Error, StringComparison.Ordinal);
    }

    private static Task<CommandRun> SendAsync(ServerProcess server, params string[] wishes) => CommandRun.OfAsync(
        ["send", "--server", server.EndPoint.ToString(), "--from", "tim@example.org", "--to", "tim@example.org", "--user", "tim@example.org", "--password", Secret, "--show-dialogue", .. wishes]);

    private static Task<CommandRun> QueueAsync(ServerProcess server, params string[] arguments) =>
        CommandRun.OfAsync(["queue", .. arguments, "--data", server.Data]);
}
