using System.Diagnostics;
using Postrider.FunctionalTests.Interop;

namespace Postrider.FunctionalTests;

public sealed class TerminalTests
{
    [Fact]
    public async Task A_message_appears_on_a_pseudo_terminal()
    {
        var script = ExternalProgram.Require("script");
        await using var server = await ServerProcess.StartAsync();
        Assert.Equal(75, (await SendAsync(server, "send")).ExitCode);
        // script(1) runs the command in a pseudo-terminal of its own, and writes what appears there.
        using var terminal = script.Start("-q", "-c", $"{ServerProcess.Program} terminal anna --data {server.Data}", "/dev/null");
        try
        {
            var shown = new List<string>();
            _ = CollectAsync(terminal, shown);
            await ExpectAsync(shown, "messages for anna");
            Assert.Equal((0, ""), await SendAsync(server, "send") is var run ? (run.ExitCode, run.Error) : default);
            await ExpectAsync(shown, "Message from <bob@example.org> at ");
            await ExpectAsync(shown, "Subject: Lunch?");
            await ExpectAsync(shown, "At noon");
            Assert.Empty(new Mailboxes(server).All());

            Assert.Equal(0, (await SendAsync(server, "saml")).ExitCode);
            await new Mailboxes(server).ExpectAsync("anna", "example.org");
        }
        finally
        {
            terminal.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Who_may_not_is_told_that_there_is_no_such_command()
    {
        await using var server = await ServerProcess.StartAsync("""{ "localDomains": [ "example.org" ] }""");
        await using var client = await RawSmtpClient.ConnectAsync(server.EndPoint);
        await client.CommandAsync("EHLO raw.example", "250");
        foreach (var verb in (string[])["SEND", "SOML", "SAML"])
            await client.CommandAsync($"{verb} FROM:<a@example.org>", "502");
        Assert.Equal(69, (await SendAsync(server, "send")).ExitCode);
        Assert.Equal(0, (await SendAsync(server, "soml")).ExitCode);
        await new Mailboxes(server).ExpectAsync("anna", "example.org");
    }

    private static Task<CommandRun> SendAsync(ServerProcess server, string mode) => CommandRun.OfAsync(
        "send", $"--terminal={mode}", "--server", server.EndPoint.ToString(), "--from", "bob@example.org", "--to", "anna@example.org", "--subject", "Lunch?", "--body", "At noon");

    private static async Task CollectAsync(Process process, List<string> lines)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (lines)
                lines.Add(line);
        }
    }

    private static Task ExpectAsync(List<string> lines, string text) => Eventually.TrueAsync(
        () =>
        {
            lock (lines)
                return lines.Exists(line => line.Contains(text, StringComparison.Ordinal));
        },
        () => $"\"{text}\" is not among:\n{string.Join('\n', lines)}");
}
