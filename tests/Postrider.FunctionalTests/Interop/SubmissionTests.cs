using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>Clients submit to a server that has accounts: each mechanism they have, right and wrong.</summary>
public sealed class SubmissionTests
{
    private const string Secret = "tanstaaftanstaaf";

    private const string Script = """
        import smtplib, sys
        with smtplib.SMTP(sys.argv[1], int(sys.argv[2]), timeout=30) as server:
            server.login('tim@example.org', sys.argv[3])
            server.sendmail('tim@example.org', ['b@example.org'], sys.stdin.buffer.read())
        """;

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public Task Swaks(string mechanism) => SendAsync("swaks", mechanism, (port, secret) =>
        ["--server", "127.0.0.1:" + port, "--auth", mechanism, "--auth-user", "tim@example.org", "--auth-password", secret, "--from", "tim@example.org", "--to", "b@example.org", "--data", "-"]);

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("SCRAM-SHA-256")]
    public Task Msmtp(string mechanism) => SendAsync("msmtp", mechanism, (port, secret) =>
        ["--file=/dev/null", "--host=127.0.0.1", "--port=" + port, "--auth=" + mechanism.ToLowerInvariant(), "--user=tim@example.org", "--passwordeval=echo " + secret, "--from=tim@example.org", "--", "b@example.org"]);

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    public Task Msmtp_over_STARTTLS(string mechanism) => SendAsync("msmtp", mechanism, isOverTls: true, arguments: (port, secret) =>
        ["--file=/dev/null", "--host=127.0.0.1", "--port=" + port, "--tls=on", "--tls-certcheck=off", "--auth=" + mechanism.ToLowerInvariant(), "--user=tim@example.org", "--passwordeval=echo " + secret, "--from=tim@example.org", "--", "b@example.org"]);

    [Fact]
    public Task Curl() => SendAsync("curl", "PLAIN", (port, secret) =>
        ["--silent", "--show-error", "--url", $"smtp://127.0.0.1:{port}/raw.example", "--login-options", "AUTH=PLAIN", "--user", "tim@example.org:" + secret, "--mail-from", "tim@example.org", "--mail-rcpt", "b@example.org", "--upload-file", "-"]);

    [Fact]
    public Task PythonSmtplib() => SendAsync("python3", "PLAIN", (port, secret) => ["-c", Script, "127.0.0.1", port, secret]);

    [Fact]
    public async Task Nobody_submits_without_a_login_or_as_somebody_else()
    {
        await using var server = await SubmissionServer.StartAsync(Secret);
        await using var client = await RawSmtpClient.ConnectAsync(server.EndPoint);
        await client.CommandAsync("EHLO client.example", "250");
        Assert.Contains("530 5.7.0", await client.CommandAsync("MAIL FROM:<tim@example.org>", "530"), StringComparison.Ordinal);
        await client.CommandAsync("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes("\0tim@example.org\0" + Secret)), "235");
        Assert.Contains("553 5.7.1", await client.CommandAsync("MAIL FROM:<b@example.org>", "553"), StringComparison.Ordinal);
        await client.CommandAsync("MAIL FROM:<tim>", "250");
    }

    private static async Task SendAsync(string program, string mechanism, Func<string, string, string[]> arguments, bool isOverTls = false)
    {
        var client = ExternalProgram.Require(program);
        await using var server = await SubmissionServer.StartAsync(Secret, isOverTls);
        var port = server.EndPoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        await client.RunAsync(Encoding.ASCII.GetBytes("Subject: test\r\nBcc: secret@example.org\r\n\r\nHello\r\n"), arguments(port, Secret));

        var message = Encoding.UTF8.GetString(await Maildir.ReadOneAsync(server.Mailbox("b@example.org")));
        Assert.Contains(isOverTls ? " with ESMTPSA " : " with ESMTPA ", message, StringComparison.Ordinal);
        Assert.Contains("\nDate: ", message, StringComparison.Ordinal);
        Assert.Contains("\nMessage-ID: <", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret@example.org", message, StringComparison.Ordinal);
        Assert.Contains($" is tim@example.org by {mechanism}", server.Output, StringComparison.Ordinal);

        await Assert.ThrowsAnyAsync<Exception>(() => client.RunAsync("Subject: test\r\n\r\nHello\r\n"u8.ToArray(), arguments(port, "wrong" + Secret)));
        Assert.Contains($" failed to be tim@example.org by {mechanism}", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret))[..12], server.Output, StringComparison.Ordinal);
    }
}
