using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.FunctionalTests;

public sealed class CommandTests
{
    [Theory]
    [InlineData(64, "--to", "send")]
    [InlineData(64, "is not an address", "send", "--to", "nobody")]
    [InlineData(64, "is not a host", "send", "--to", "a@b.example", "--server", "x:y")]
    [InlineData(64, "no place beside it", "send", "--to", "a@b.example", "--file", "x", "--subject", "y")]
    [InlineData(66, "--file", "send", "--to", "a@b.example", "--file", "/nowhere/x")]
    [InlineData(69, "refused", "send", "--to", "a@b.example", "--server", "127.0.0.1:9")]
    [InlineData(64, "Say which", "queue", "delete")]
    [InlineData(64, "one of the three", "queue", "hold", "0000000000001", "--all")]
    [InlineData(64, "no-such-command", "no-such-command")]
    [InlineData(64, "postrider: Say of whom: vrfy NAME.\nTry: postrider ask --help\n", "ask", "127.0.0.1:9", "vrfy")]
    [InlineData(64, "There is no question \"noop\": ask for help, vrfy NAME or expn LIST.", "ask", "127.0.0.1:9", "noop")]
    [InlineData(69, "refused", "ask", "127.0.0.1:9", "help")]
    [InlineData(78, "there is no such file", "check", "--config", "/nowhere/postrider.json")]
    [InlineData(78, "is not an address with a port", "serve", "--listen", "2525")]
    public async Task What_is_wrong_with_a_command_is_said_with_its_exit_code(int code, string part, params string[] arguments)
    {
        using var folder = new TemporaryFolder("command");
        var run = await CommandRun.InAsync(folder.Path, "", arguments);
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.Equal(code, run.ExitCode);
    }

    [Theory]
    [InlineData("Postrider", "--help")]
    [InlineData("--show-dialogue", "send", "--help")]
    [InlineData("hold", "queue", "--help")]
    [InlineData("0.", "--version")]
    public async Task Help_and_version_are_printed(string part, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(part, run.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_a_server_says_does_not_speak_to_the_terminal()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var asking = CommandRun.OfAsync("ask", server.LocalEndpoint.ToString()!, "vrfy", "anna", "--show-dialogue");
        using var peer = await server.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var lines = new StreamReader(peer.GetStream());
        await peer.GetStream().WriteAsync("220 fake \x1b[31mred\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        foreach (var reply in (string[])["250 fake\x1b]0;title\a\r\n", "250 2.1.5 Anna\x1b[2J\u009b1m\r\n", "221 bye\r\n"])
        {
            _ = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
            await peer.GetStream().WriteAsync(Encoding.UTF8.GetBytes(reply), TestContext.Current.CancellationToken);
        }
        var run = await asking;

        Assert.Contains("S: 220 fake ?[31mred\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("S: 250 2.1.5 Anna?[2J?1m\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n250 2.1.5 Anna?[2J?1m\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Output, static c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public async Task A_configuration_with_mistakes_starts_nothing_and_reports_all()
    {
        using var folder = new TemporaryFolder("command");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "postrider.json"), "{\n  \"hostnam\": \"x\",\n  \"retry\": { \"giveUpAfter\": 5 },\n}\n");
        foreach (var command in new[] { "check", "serve" })
        {
            var run = await CommandRun.InAsync(folder.Path, "", command);
            Assert.Equal(78, run.ExitCode);
            Assert.Contains("postrider.json:2: hostnam: is not a setting; did you mean \"hostname\"?", run.Error, StringComparison.Ordinal);
            Assert.Contains("postrider.json:3: retry.giveUpAfter: 5 is not a time", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Check_says_what_a_configuration_means()
    {
        using var folder = new TemporaryFolder("command");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "postrider.json"), """
            { "listeners": [ { "address": "::", "port": 25 } ], "localDomains": [ "example.org" ], "smarthost": [ "a:25", "b" ] }
            """);
        var run = await CommandRun.InAsync(folder.Path, "", "check");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("listens    [::]:25 (smtp)", run.Output, StringComparison.Ordinal);
        Assert.Contains("smarthost  a:25, then b: for everything else", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_lies_in_the_folder_that_the_program_is_called_from()
    {
        using var folder = new TemporaryFolder("command");
        var run = await CommandRun.InAsync(folder.Path, "", "check");
        Assert.Contains($"data       {Path.Combine(folder.Path, "data")}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dialogue_is_printed_as_it_is_said()
    {
        await using var server = await ServerProcess.StartAsync();
        var run = await CommandRun.InAsync("/", "From: a@b.example\n\n.dot\n", "send", "--server", server.EndPoint.ToString(), "--from", "<>", "--to", "anna@example.com", "--file", "-", "--show-dialogue");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("S: 220 ", run.Output, StringComparison.Ordinal);
        Assert.Contains("C: EHLO ", run.Output, StringComparison.Ordinal);
        Assert.Contains("C: MAIL FROM:<>", run.Output, StringComparison.Ordinal);
        Assert.Contains("S: 354 ", run.Output, StringComparison.Ordinal);
        Assert.Contains("S: 221 ", run.Output, StringComparison.Ordinal);
        var file = Assert.Single(await new Mailboxes(server).ExpectAsync("anna", "example.com"));
        Assert.EndsWith("From: a@b.example\n\n.dot\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }
}
