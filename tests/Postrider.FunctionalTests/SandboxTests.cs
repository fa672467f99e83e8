using System.Text;

namespace Postrider.FunctionalTests;

public sealed class SandboxTests
{
    [Fact]
    public async Task A_message_sent_is_a_file_in_the_recipients_Maildir()
    {
        await using var server = await ServerProcess.StartAsync();
        var sent = await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--from", "jones@example.org", "--to", "anna@example.com", "--subject", "Grüße", "--body", "first\n.second\n");
        Assert.Equal((0, ""), (sent.ExitCode, sent.Error));
        Assert.StartsWith("250 2.0.0 Queued as ", sent.Output, StringComparison.Ordinal);
        var id = sent.Output.Trim()[^13..];

        var file = Assert.Single(await new Mailboxes(server).ExpectAsync("anna", "example.com"));
        var lines = (await File.ReadAllTextAsync(file)).Split('\n');
        Assert.Equal("Return-Path: <jones@example.org>", lines[0]);
        Assert.StartsWith("Received: from ", lines[1], StringComparison.Ordinal);
        Assert.Contains($"id {id}", string.Join('\n', lines[1..5]), StringComparison.Ordinal);
        Assert.Contains("for <anna@example.com>", string.Join('\n', lines[1..5]), StringComparison.Ordinal);
        Assert.Contains($"Subject: =?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes("Grüße"))}?=", lines, StringComparer.Ordinal);
        Assert.Equal(["", "first", ".second", ""], lines[^4..]);
    }

    [Fact]
    public async Task Each_recipient_gets_a_copy_and_nobody_is_told_of_the_others()
    {
        await using var server = await ServerProcess.StartAsync();
        var sent = await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--to", "a@one.example", "--to", "b@one.example", "--to", "c@two.example");
        Assert.Equal(0, sent.ExitCode);
        var boxes = new Mailboxes(server);
        foreach (var (local, domain) in new[] { ("a", "one.example"), ("b", "one.example"), ("c", "two.example") })
        {
            var text = await File.ReadAllTextAsync(Assert.Single(await boxes.ExpectAsync(local, domain)));
            Assert.DoesNotContain("for <", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task More_recipients_than_go_at_a_time_go_one_part_after_the_other()
    {
        await using var server = await ServerProcess.StartAsync("""{ "sandbox": {}, "limits": { "recipients": 100 } }""");

        var run = await CommandRun.OfAsync(["send", "--server", server.EndPoint.ToString(), .. Enumerable.Range(1, 201).SelectMany(static i => (string[])["--to", $"b{i}@example.net"])]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(3, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        foreach (var i in (int[])[1, 100, 101, 201])
            Assert.NotEmpty(await Maildir.ReadOneAsync(server.Mailbox($"b{i}@example.net")));
    }

    [Fact]
    public async Task The_start_says_where_it_listens_where_mail_goes_and_how_to_try_it_and_that_works()
    {
        await using var server = await ServerProcess.StartAsync();
        var line = await Eventually.FoundAsync(
            () => server.Output.Split('\n').FirstOrDefault(static l => l.TrimStart().StartsWith("try ", StringComparison.Ordinal)),
            () => server.Output);
        Assert.Contains($"listens    {server.EndPoint} (smtp)", server.Output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(server.Data, "mail"), server.Output, StringComparison.Ordinal);
        Assert.Contains("the newest 5,000 messages, 500 MB at most", server.Output, StringComparison.Ordinal);

        var command = line.TrimStart()[4..].Trim().Split(' ');
        Assert.Equal(ServerProcess.Program, command[0]);
        Assert.Equal(0, (await CommandRun.OfAsync(command[1..])).ExitCode);
        await new Mailboxes(server).ExpectAsync("you", "example.com");
    }

    [Fact]
    public async Task Mail_that_goes_in_is_shown_in_one_line()
    {
        await using var server = await ServerProcess.StartAsync();
        await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--from", "jones@example.org", "--to", "anna@example.com");
        var line = await Eventually.FoundAsync(
            () => server.Output.Split('\n').FirstOrDefault(static l => l.Contains("delivered", StringComparison.Ordinal)),
            () => server.Output);
        Assert.Contains("from <jones@example.org> to <anna@example.com>", line, StringComparison.Ordinal);
        Assert.DoesNotContain(" accepted ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_start_on_the_same_folder_names_the_holder()
    {
        await using var server = await ServerProcess.StartAsync();
        var second = await CommandRun.OfAsync("serve", "--data", server.Data, "--listen", "127.0.0.1:0");
        Assert.Equal(69, second.ExitCode);
        Assert.Contains($"process {server.Id}", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named()
    {
        await using var server = await ServerProcess.StartAsync();
        using var folder = new TemporaryFolder("second");
        var second = await CommandRun.OfAsync("serve", "--data", folder.Path, "--listen", server.EndPoint.ToString());
        Assert.Equal(69, second.ExitCode);
        Assert.Contains(server.EndPoint.ToString(), second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_ends_it_and_it_starts_again()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.Equal(0, (await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--to", "a@b.example")).ExitCode);
        await new Mailboxes(server).ExpectAsync("a", "b.example");
    }
}
