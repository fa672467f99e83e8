using System.Net;

namespace Postrider.FunctionalTests.Interop;

/// <summary>fetchmail asks for the mail that waits, by ETRN.</summary>
public sealed class FetchmailTests
{
    [Fact]
    public async Task It_has_mail_sent_that_waits()
    {
        var fetchmail = ExternalProgram.Require("fetchmail");
        await using var branch = await ServerProcess.StartAsync();
        await using var provider = await ServerProcess.StartAsync($$"""
            {
              "hostname": "provider.example",
              "routes": { "branch.example": { "to": "{{branch.EndPoint}}", "deliver": "on-demand" } },
              "mayFetch": [ { "domains": "branch.example", "networks": "127.0.0.0/8" } ],
            }
            """);
        await RawSmtpClient.SendAsync(provider.EndPoint, "b@branch.example", SampleContent.EightBit);
        await Eventually.TrueAsync(() => Task.FromResult(provider.Output.Contains(" waits: Mail for branch.example waits until it is fetched", StringComparison.Ordinal)), () => provider.Output);

        Assert.Contains("Pending messages for branch.example started", await RunAsync(fetchmail, provider.EndPoint, "fetchdomains branch.example"), StringComparison.Ordinal);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(branch.Mailbox("b@branch.example")));
        // The entry is gone when its outcome has been stored, which is after the message has arrived.
        await Eventually.TrueAsync(
            async () => (await RunAsync(fetchmail, provider.EndPoint, "fetchdomains branch.example")).Contains("No messages waiting for branch.example", StringComparison.Ordinal),
            () => provider.Output);
    }

    [Fact]
    public async Task It_is_told_how_much_there_is_once_it_has_logged_in()
    {
        var fetchmail = ExternalProgram.Require("fetchmail");
        var submission = ServerProcess.FreePort();
        await using var branch = await ServerProcess.StartAsync();
        await using var provider = await ServerProcess.StartAsync($$"""
            {
              "hostname": "provider.example",
              "listeners": [
                { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}} },
                { "address": "127.0.0.1", "port": {{submission.Port}}, "kind": "submission" },
              ],
              "routes": { "branch.example": { "to": "{{branch.EndPoint}}", "deliver": "on-demand" } },
              "mayFetch": [ { "domains": "branch.example", "accounts": "branch" } ],
            }
            """);
        var added = await CommandRun.InAsync(Environment.CurrentDirectory, "correct horse\n", "user", "add", "branch", "--config", provider.ConfigurationFile!, "--data", provider.Data);
        Assert.Equal(0, added.ExitCode);
        await Eventually.TrueAsync(() => Task.FromResult(provider.Output.Contains("1 accounts are in force", StringComparison.Ordinal)), () => provider.Output);
        await RawSmtpClient.SendAsync(provider.EndPoint, "b@branch.example", SampleContent.EightBit);
        await RawSmtpClient.SendAsync(provider.EndPoint, "c@branch.example", SampleContent.EightBit);

        var said = await RunAsync(fetchmail, submission, "esmtpname branch esmtppassword \"correct horse\" user root fetchdomains branch.example");
        Assert.Contains("253 2.0.0 OK, 2 pending messages for node branch.example started", said, StringComparison.Ordinal);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(branch.Mailbox("b@branch.example")));
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(branch.Mailbox("c@branch.example")));
    }

    private static async Task<string> RunAsync(ExternalProgram fetchmail, IPEndPoint server, string options)
    {
        using var folder = new TemporaryFolder("fetchmail");
        var file = Path.Combine(folder.Path, "fetchmailrc");
        await File.WriteAllTextAsync(file, $"poll {server.Address} service {server.Port} protocol etrn {options}\n");
        // It reads no other.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return await fetchmail.RunAsync(default, "-v", "-f", file, "--nodetach", "--nosyslog", "--pidfile", Path.Combine(folder.Path, "pid"), "--idfile", Path.Combine(folder.Path, "ids"));
    }
}
