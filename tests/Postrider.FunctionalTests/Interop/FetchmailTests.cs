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
              "routes": { "branch.example": { "to": "{{branch.EndPoint}}", "deliver": "on-demand" }, "away.example": { "deliver": "on-demand" } },
              "mayFetch": [ { "domains": [ "branch.example", "away.example" ], "networks": "127.0.0.0/8" } ],
            }
            """);
        await RawSmtpClient.SendAsync(provider.EndPoint, "b@branch.example", SampleContent.EightBit);
        await Eventually.TrueAsync(() => Task.FromResult(provider.Output.Contains(" waits: Mail for branch.example waits until it is fetched", StringComparison.Ordinal)), () => provider.Output);

        Assert.Contains("Pending messages for branch.example started", await RunAsync(fetchmail, provider, "branch.example"), StringComparison.Ordinal);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(branch.Mailbox("b@branch.example")));
        // The entry is gone when its outcome has been stored, which is after the message has arrived.
        await Eventually.TrueAsync(
            async () => (await RunAsync(fetchmail, provider, "branch.example")).Contains("No messages waiting for branch.example", StringComparison.Ordinal),
            () => provider.Output);
    }

    private static async Task<string> RunAsync(ExternalProgram fetchmail, ServerProcess server, string domain)
    {
        using var folder = new TemporaryFolder("fetchmail");
        var file = Path.Combine(folder.Path, "fetchmailrc");
        await File.WriteAllTextAsync(file, $"poll {server.EndPoint.Address} service {server.EndPoint.Port} protocol etrn fetchdomains {domain}\n");
        // It reads no other.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return await fetchmail.RunAsync(default, "-v", "-f", file, "--nodetach", "--nosyslog", "--pidfile", Path.Combine(folder.Path, "pid"), "--idfile", Path.Combine(folder.Path, "ids"));
    }
}
