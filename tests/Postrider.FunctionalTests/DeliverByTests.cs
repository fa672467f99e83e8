using System.Text;

namespace Postrider.FunctionalTests;

/// <summary>Mail that is to be delivered within a time (RFC 2852), from program to program.</summary>
public sealed class DeliverByTests
{
    [Fact]
    public async Task The_time_goes_from_server_to_server_and_each_that_passes_it_on_says_so()
    {
        await using var back = await ServerProcess.StartAsync("""{ "localDomains": [ "b.example" ], "deliverBy": { "shortest": "30s" } }""");
        await using var front = await FrontAsync(back.EndPoint.ToString());
        var sent = await SendAsync(front, "1h,return,trace");
        Assert.Equal(("", 0), (sent.Error, sent.ExitCode));
        Assert.Contains(" BY=3600;RT", sent.Output, StringComparison.Ordinal);
        await new Mailboxes(back).ExpectAsync("anna", "b.example");
        var report = await ReportAsync(front);
        Assert.Contains("Action: relayed\nStatus: 2.0.0", report, StringComparison.Ordinal);
        Assert.Contains("\nDeliver-By-Date: ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_short_a_time_is_refused_at_once_and_by_the_next_server_at_last()
    {
        await using var back = await ServerProcess.StartAsync("""{ "localDomains": [ "b.example" ], "deliverBy": { "shortest": "1h" } }""");
        var refused = await SendAsync(back, "59m,return");
        Assert.Equal(69, refused.ExitCode);
        Assert.Contains("The server wants 3600 seconds for a delivery in time, and 3540 are left", refused.Error, StringComparison.Ordinal);

        await using var front = await FrontAsync(back.EndPoint.ToString());
        Assert.Equal(0, (await SendAsync(front, "59m,return")).ExitCode);
        Assert.Contains("Action: failed\nStatus: 5.4.7", await ReportAsync(front), StringComparison.Ordinal);
        Assert.Empty(new Mailboxes(back).All());
    }

    [Fact]
    public async Task What_is_to_be_returned_does_not_go_to_a_server_that_does_not_keep_to_it()
    {
        await using var back = await ServerProcess.StartAsync();
        await using var front = await FrontAsync(back.EndPoint.ToString());
        Assert.Equal(0, (await SendAsync(front, "1h,return")).ExitCode);
        Assert.Contains("Action: failed\nStatus: 5.3.3", await ReportAsync(front), StringComparison.Ordinal);
        // Where the sender is merely told, it does, and the sender is.
        Assert.Equal(0, (await SendAsync(front, "1h")).ExitCode);
        await new Mailboxes(back).ExpectAsync("anna", "b.example");
        await new Mailboxes(front).ExpectAsync("jones", "a.example", 2);
        Assert.Contains(await AllReportsAsync(front), static report => report.Contains("Action: relayed\nStatus: 2.0.0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_late_comes_back_or_is_told()
    {
        await using var front = await FrontAsync(ServerProcess.FreePort().ToString());
        Assert.Equal(0, (await SendAsync(front, "2s,return")).ExitCode);
        Assert.Equal(0, (await SendAsync(front, "1s")).ExitCode);
        await new Mailboxes(front).ExpectAsync("jones", "a.example", 2);
        var reports = await AllReportsAsync(front);
        Assert.Single(reports, static report => report.Contains("Action: failed\nStatus: 5.4.7", StringComparison.Ordinal));
        Assert.Single(reports, static report => report.Contains("Action: delayed\nStatus: 4.4.7", StringComparison.Ordinal));
        // The one that its sender was told of waits on, and the listing says what for.
        var listed = await CommandRun.OfAsync("queue", "list", "--data", front.Data, "--json");
        Assert.Contains("\"deliverBy\": \"20", listed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1h,back")]
    [InlineData("soon")]
    [InlineData("0s,return")]
    public async Task What_is_no_time_is_not_sent(string by)
    {
        var sent = await CommandRun.OfAsync("send", "--server", ServerProcess.FreePort().ToString(), "--to", "anna@b.example", "--by", by);
        Assert.Equal(64, sent.ExitCode);
        Assert.Contains("--by: ", sent.Error, StringComparison.Ordinal);
    }

    private static Task<ServerProcess> FrontAsync(string smarthost) => ServerProcess.StartAsync($$"""
        { "localDomains": [ "a.example" ], "smarthost": "{{smarthost}}", "deliverBy": {} }
        """);

    private static Task<CommandRun> SendAsync(ServerProcess server, string by) => CommandRun.OfAsync(
        "send", "--server", server.EndPoint.ToString(), "--from", "jones@a.example", "--to", "anna@b.example", "--by", by, "--show-dialogue");

    private static async Task<string> ReportAsync(ServerProcess front)
    {
        await new Mailboxes(front).ExpectAsync("jones", "a.example");
        return (await AllReportsAsync(front)).Single();
    }

    private static async Task<List<string>> AllReportsAsync(ServerProcess front)
    {
        var reports = new List<string>();
        foreach (var file in new Mailboxes(front).In("jones", "a.example"))
            reports.Add((await File.ReadAllTextAsync(file, Encoding.UTF8)).ReplaceLineEndings("\n"));
        return reports;
    }
}
