using System.Runtime.Versioning;
using System.Text.Json;

namespace Postrider.FunctionalTests;

public sealed class QueueCommandTests
{
    [Fact]
    public async Task The_queue_is_listed_and_changed_while_the_server_runs_and_while_it_does_not()
    {
        await using var sink = await ServerProcess.StartAsync();
        await using var relay = await ServerProcess.StartAsync($$"""{ "smarthost": "{{sink.EndPoint}}" }""");
        await sink.StopAsync();
        var ids = new List<string>();
        foreach (var name in new[] { "one", "two", "three", "four" })
        {
            var sent = await CommandRun.OfAsync("send", "--server", relay.EndPoint.ToString(), "--from", "jones@example.org", "--to", $"{name}@b.example");
            ids.Add(sent.Output.Trim()[^13..]);
        }

        // The server runs: through its control socket.
        await ExpectAsync(relay, list => list.Count == 4 && list.All(e => e.State == "waiting"));
        Assert.Equal("1 held.\n", (await RunAsync(relay, "hold", ids[0], "--reason", "to be looked at")).Output);
        Assert.Equal("1 deleted.\n", (await RunAsync(relay, "delete", ids[1])).Output);
        var shown = await RunAsync(relay, "show", ids[0]);
        Assert.Contains("held: to be looked at", shown.Output, StringComparison.Ordinal);
        Assert.Contains("<one@b.example>", shown.Output, StringComparison.Ordinal);
        var unknown = await RunAsync(relay, "retry", "00000zzzzzzzz");
        Assert.Equal(66, unknown.ExitCode);
        Assert.Contains("nothing that is queued is named 00000zzzzzzzz", unknown.Error, StringComparison.Ordinal);

        // It does not: on the spool itself, and what is done lasts.
        await relay.StopAsync();
        var stopped = await ListAsync(relay);
        Assert.Equal([(ids[0], true), (ids[2], false), (ids[3], false)], stopped.OrderBy(e => e.Id, StringComparer.Ordinal).Select(e => (e.Id, e.State == "held")));
        Assert.Equal("1 deleted.\n", (await RunAsync(relay, "delete", ids[3])).Output);
        Assert.Equal("1 released.\n", (await RunAsync(relay, "release", ids[0])).Output);
        Assert.Equal("2 due now.\n", (await RunAsync(relay, "retry", "--next-hop", $"relay:{sink.EndPoint}")).Output);
        Assert.All(await ListAsync(relay), e => Assert.Equal("due", e.State));

        await sink.StartAgainAsync();
        await relay.StartAgainAsync();
        var boxes = new Mailboxes(sink);
        await boxes.ExpectAsync("one", "b.example");
        await boxes.ExpectAsync("three", "b.example");
        await ExpectAsync(relay, list => list.Count == 0);
        Assert.Equal(2, boxes.All().Length);
    }

    [Fact]
    public async Task Retry_makes_what_waits_due_at_once()
    {
        await using var sink = await ServerProcess.StartAsync();
        await using var relay = await ServerProcess.StartAsync($$"""{ "smarthost": "{{sink.EndPoint}}", "retry": { "after": [ "300ms", "1d" ] } }""");
        await sink.StopAsync();
        await CommandRun.OfAsync("send", "--server", relay.EndPoint.ToString(), "--to", "a@b.example");
        await ExpectAsync(relay, list => list is [{ Attempts: 2 }]);
        await sink.StartAgainAsync();
        await Eventually.FoundAsync(() => (RunAsync(relay, "retry", "--all").GetAwaiter().GetResult(), new Mailboxes(sink).In("a", "b.example")).Item2 is [var file] ? file : null, () => relay.Output);
    }

    [Fact]
    public async Task Lists_are_lines_with_tabs_where_nobody_looks()
    {
        await using var relay = await ServerProcess.StartAsync($$"""{ "smarthost": "{{ServerProcess.FreePort()}}" }""");
        Assert.Equal("", (await RunAsync(relay, "list")).Output);
        await CommandRun.OfAsync("send", "--server", relay.EndPoint.ToString(), "--from", "<>", "--to", "a@b.example", "--to", "c@d.example");
        await ExpectAsync(relay, list => list.Count == 1);
        var fields = (await RunAsync(relay, "list")).Output.TrimEnd('\n').Split('\t');
        Assert.Equal(8, fields.Length);
        Assert.Equal(("<>", "a@b.example,c@d.example"), (fields[4], fields[5]));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_control_socket_is_the_owners_alone()
    {
        await using var server = await ServerProcess.StartAsync();
        var socket = await Eventually.FoundAsync(() => File.Exists(Path.Combine(server.Data, "control.sock")) ? Path.Combine(server.Data, "control.sock") : null, () => server.Output);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named_and_not_made()
    {
        using var folder = new TemporaryFolder("queue");
        var missing = Path.Combine(folder.Path, "missing");
        var run = await CommandRun.OfAsync("queue", "list", "--data", missing);
        Assert.Equal(66, run.ExitCode);
        Assert.Contains(missing, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
    }

    private static Task<CommandRun> RunAsync(ServerProcess server, params string[] arguments) =>
        CommandRun.OfAsync(["queue", .. arguments, "--data", server.Data]);

    private static async Task<List<Entry>> ListAsync(ServerProcess server)
    {
        var run = await RunAsync(server, "list", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonDocument.Parse(run.Output).RootElement.GetProperty("envelopes").EnumerateArray()
            .Select(static e => new Entry(e.GetProperty("id").GetString()!, e.GetProperty("state").GetString()!, e.GetProperty("attempts").GetInt32()))
            .ToList();
    }

    private static Task<List<Entry>> ExpectAsync(ServerProcess server, Func<List<Entry>, bool> isRight)
    {
        List<Entry> last = [];
        return Eventually.FoundAsync(
            () => isRight(last = ListAsync(server).GetAwaiter().GetResult()) ? last : null,
            () => $"{string.Join('\n', last)}\n{server.Output}");
    }

    private sealed record Entry(string Id, string State, int Attempts);
}
