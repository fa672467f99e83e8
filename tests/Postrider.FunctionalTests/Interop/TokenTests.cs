using System.Globalization;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>Access tokens of an issuer that is configured: clients log in with them, and the server gets its own for a smarthost.</summary>
public sealed class TokenTests
{
    // With a token it takes OAUTHBEARER wherever that is offered, whatever its options say.
    [Fact]
    public Task Curl() => SendAsync("curl", "OAUTHBEARER", (port, token) =>
        ["--silent", "--show-error", "--url", $"smtp://127.0.0.1:{port}/raw.example", "--user", "robot:", "--oauth2-bearer", token, "--mail-from", "robot@example.org", "--mail-rcpt", "b@example.org", "--upload-file", "-"]);

    [Theory]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public Task Msmtp(string mechanism) => SendAsync("msmtp", mechanism, (port, token) =>
        ["--file=/dev/null", "--host=127.0.0.1", "--port=" + port, "--auth=" + mechanism.ToLowerInvariant(), "--user=robot", "--passwordeval=echo " + token, "--from=robot@example.org", "--", "b@example.org"]);

    [Fact]
    public async Task A_smarthost_is_shown_a_token_that_is_got_anew_before_it_ends()
    {
        var life = TimeSpan.FromSeconds(4);
        using var issuer = new TokenIssuer(life: life);
        await using var smarthost = await StartAsync(issuer);
        await using var server = await ServerProcess.StartAsync($$"""
            {
              "hostname": "relay.example",
              "smarthost": {
                "to": "{{smarthost.EndPoint}}",
                "user": "robot",
                "oauth": { "tokenEndpoint": "{{issuer.Address}}/token", "clientId": "postrider", "clientSecret": "s3cret", "scope": "mail" },
              },
              "retry": { "after": ["1h"] },
            }
            """);
        // A connection is used again while its token is the one of now, and each token is shown on one of its own.
        for (var i = 1; i <= 3; i++)
        {
            await RawSmtpClient.SendAsync(server.EndPoint, "b@example.org", SampleContent.EightBit);
            await Maildir.ReadAsync(smarthost.Mailbox("b@example.org"), i);
            await Task.Delay(life / 2 + TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }
        Assert.Equal(3, issuer.Issued);
        await Eventually.TrueAsync(() => smarthost.Output.Split(" is robot by OAUTHBEARER").Length == 4, () => smarthost.Output);
        Assert.DoesNotContain("failed to be", smarthost.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", server.Output, StringComparison.Ordinal);
    }

    private static async Task<ServerProcess> StartAsync(TokenIssuer issuer)
    {
        var server = await ServerProcess.StartAsync($$"""
            {
              "hostname": "mail.example.org",
              "localDomains": [ "example.org" ],
              "listeners": [ { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}}, "kind": "submission" } ],
              "tokens": { "issuer": "{{issuer.Address}}", "audience": "{{TokenIssuer.Audience}}" },
            }
            """);
        var added = await CommandRun.OfAsync("user", "add", "robot", "--no-password", "--sender", "*", "--data", server.Data);
        Assert.Equal(0, added.ExitCode);
        await Eventually.TrueAsync(() => server.Output.Contains("1 accounts are in force", StringComparison.Ordinal), () => server.Output);
        return server;
    }

    private static async Task SendAsync(string program, string mechanism, Func<string, string, string[]> arguments)
    {
        var client = ExternalProgram.Require(program);
        using var issuer = new TokenIssuer();
        await using var server = await StartAsync(issuer);
        var port = server.EndPoint.Port.ToString(CultureInfo.InvariantCulture);
        var hour = TimeSpan.FromHours(1);
        var content = "Subject: test\r\n\r\nHello\r\n"u8.ToArray();

        await client.RunAsync(content, arguments(port, issuer.Token("robot", hour)));
        Assert.Contains(" with ESMTPA ", Encoding.UTF8.GetString(await Maildir.ReadOneAsync(server.Mailbox("b@example.org"))), StringComparison.Ordinal);
        Assert.True(server.Output.Contains($" is robot by {mechanism}", StringComparison.Ordinal), server.Output);

        // The other ways in which a token may be wrong are a matter of unit tests.
        string[] wrong = [issuer.Token("robot", -hour), issuer.Token("robot", hour, "another.example")];
        foreach (var token in wrong)
            await Assert.ThrowsAnyAsync<Exception>(() => client.RunAsync(content, arguments(port, token)));
        Assert.Equal(wrong.Length, server.Output.Split($" failed to be robot by {mechanism}").Length - 1);
        Assert.DoesNotContain(issuer.Token("robot", hour).Split('.')[0], server.Output, StringComparison.Ordinal);
    }
}
