using System.Globalization;

namespace Postrider.FunctionalTests;

/// <summary>How urgent mail is (RFC 6710), from program to program.</summary>
public sealed class PriorityTests
{
    [Fact]
    public async Task It_is_shown_kept_over_a_restart_and_handed_on()
    {
        await using var back = await ServerProcess.StartAsync("""{ "localDomains": [ "b.example" ], "priority": { "policy": "MIXER", "mayRaise": { "networks": [ "127.0.0.0/8" ] } } }""");
        await back.StopAsync();
        await using var front = await ServerProcess.StartAsync($$"""
            { "smarthost": "{{back.EndPoint}}", "priority": { "mayRaise": { "networks": [ "127.0.0.0/8" ] }, "highest": 4 }, "retry": { "after": [ "300ms" ] } }
            """);
        var sent = await CommandRun.OfAsync("send", "--server", front.EndPoint.ToString(), "--from", "jones@a.example", "--to", "anna@b.example", "--priority", "9", "--show-dialogue");
        Assert.Equal(("", 0), (sent.Error, sent.ExitCode));
        Assert.Contains(" MT-PRIORITY=9", sent.Output, StringComparison.Ordinal);
        Assert.Contains("250 2.3.6 4 is the priority, as much as this client may have", sent.Output, StringComparison.Ordinal);
        await front.KillAsync();
        await front.StartAgainAsync();
        var shown = await CommandRun.OfAsync("queue", "show", sent.Output.TrimEnd()[^13..], "--data", front.Data);
        Assert.Contains("priority  4", shown.Output, StringComparison.Ordinal);

        await back.StartAgainAsync();
        var file = Assert.Single(await new Mailboxes(back).ExpectAsync("anna", "b.example"));
        var trace = (await File.ReadAllTextAsync(file)).Split("Received: ");
        Assert.Equal(3, trace.Length);
        Assert.All(trace.Skip(1), static field => Assert.Contains("for <anna@b.example> PRIORITY 4; ", field, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task What_is_no_priority_is_not_sent(int priority)
    {
        var sent = await CommandRun.OfAsync("send", "--server", ServerProcess.FreePort().ToString(), "--to", "anna@b.example", "--priority", priority.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(64, sent.ExitCode);
        Assert.Contains("--priority is a number from -9 to 9.", sent.Error, StringComparison.Ordinal);
    }
}
