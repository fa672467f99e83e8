namespace Postrider.FunctionalTests.Interop;

/// <summary>fetchmail fetches mail by ATRN (RFC 2645): it logs in by CRAM-MD5, the only way that it knows, and passes on what comes.</summary>
public sealed class FetchmailOdmrTests
{
    [Fact]
    public async Task It_fetches_the_mail_of_its_domain()
    {
        var fetchmail = ExternalProgram.Require("fetchmail");
        await using var branch = await ServerProcess.StartAsync();
        await using var provider = await OnDemandProvider.StartAsync();
        Assert.Contains("You have no mail.", await RunAsync(fetchmail, provider, branch, OnDemandProvider.Secret, "branch.example", 0), StringComparison.Ordinal);
        await provider.AcceptAsync("b@branch.example", SampleContent.EightBit);
        Assert.Contains("ATRN request refused", await RunAsync(fetchmail, provider, branch, OnDemandProvider.Secret, "other.example", 4), StringComparison.Ordinal);
        await RunAsync(fetchmail, provider, branch, "wrong", "branch.example", 128);
        Assert.Empty(new Mailboxes(branch).All());

        await RunAsync(fetchmail, provider, branch, OnDemandProvider.Secret, "branch.example", 0);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(branch.Mailbox("b@branch.example")));
        await Eventually.TrueAsync(() => provider.Server.Output.Contains("fetched 1 messages: 1 recipients relayed", StringComparison.Ordinal), () => provider.Server.Output);
        Assert.Contains("You have no mail.", await RunAsync(fetchmail, provider, branch, OnDemandProvider.Secret, "branch.example", 0), StringComparison.Ordinal);
        Assert.Contains("is branch by CRAM-MD5", provider.Server.Output, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(ExternalProgram fetchmail, OnDemandProvider provider, ServerProcess branch, string secret, string domain, int exitCode)
    {
        using var folder = new TemporaryFolder("fetchmail");
        var file = Path.Combine(folder.Path, "fetchmailrc");
        await File.WriteAllTextAsync(file, $"""
            poll {provider.Odmr.Address} service {provider.Odmr.Port} protocol odmr
              username branch password "{secret}" fetchdomains {domain} smtphost {branch.EndPoint.Address}/{branch.EndPoint.Port}

            """);
        // It reads no other.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var process = fetchmail.Start("-v", "-f", file, "--nodetach", "--nosyslog", "--pidfile", Path.Combine(folder.Path, "pid"), "--idfile", Path.Combine(folder.Path, "ids"));
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(patience.Token);
        var said = await output + await errors;
        Assert.True(process.ExitCode == exitCode, $"fetchmail ended with {process.ExitCode}:\n{said}\n{provider.Server.Output}");
        return said;
    }
}
