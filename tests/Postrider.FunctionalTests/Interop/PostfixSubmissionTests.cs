namespace Postrider.FunctionalTests.Interop;

/// <summary>The server hands mail to a Postfix that wants to know who it is, over TLS that is verified.</summary>
public sealed class PostfixSubmissionTests
{
    [Theory]
    [InlineData("LOGIN")]
    [InlineData("SCRAM-SHA-256")]
    public async Task What_is_relayed_arrives(string mechanisms)
    {
        await using var postfix = await PeerServer.PostfixSubmissionAsync(mechanisms);
        await using var server = await StartAsync(postfix, "correct horse");

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);

        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(postfix.Box));
    }

    [Fact]
    public async Task A_wrong_password_keeps_the_mail()
    {
        await using var postfix = await PeerServer.PostfixSubmissionAsync("PLAIN");
        await using var server = await StartAsync(postfix, "wrong horse");

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);

        await Eventually.TrueAsync(() => server.Output.Contains("does not let jones in by PLAIN", StringComparison.Ordinal), () => server.Output);
        Assert.DoesNotContain("wrong horse", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_send_command_speaks_with_it()
    {
        await using var postfix = await PeerServer.PostfixSubmissionAsync("PLAIN");
        var run = await CommandRun.InAsync(
            Path.GetTempPath(), "correct horse\n", "send", "--to", "b@example.net", "--from", "a@example.org", "--server", $"localhost:{postfix.EndPoint.Port}", "--tls", "verified", "--ca", postfix.Certificate,
            "--user", "jones", "--password-file", "-", "--show-dialogue");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("C: AUTH PLAIN (hidden)", run.Output, StringComparison.Ordinal);
        Assert.Contains("trusted, names the host", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", run.Output, StringComparison.Ordinal);
    }

    private static Task<ServerProcess> StartAsync(PeerServer postfix, string password) => ServerProcess.StartAsync($$"""
        {
          "hostname": "relay.example",
          "smarthost": { "to": "localhost:{{postfix.EndPoint.Port}}", "tls": "verified", "authorities": "{{postfix.Certificate}}", "user": "jones", "password": "{{password}}" },
          "retry": { "after": ["1s"] },
        }
        """);
}
