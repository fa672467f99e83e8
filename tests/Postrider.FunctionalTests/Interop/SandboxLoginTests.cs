using System.Globalization;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>Clients that insist on logging in are served by the sandbox, whoever they say they are.</summary>
public sealed class SandboxLoginTests
{
    private const string Secret = "tanstaaftanstaaf";

    private const string Script = """
        import smtplib, sys
        with smtplib.SMTP(sys.argv[1], int(sys.argv[2]), timeout=30) as server:
            server.login('tim', sys.argv[3])
            server.sendmail('sender@raw.example', ['b@example.net'], sys.stdin.buffer.read())
        """;

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public Task Swaks(string mechanism) => SendAsync("swaks", mechanism, server =>
        ["--server", server, "--auth", mechanism, "--auth-user", "tim", "--auth-password", Secret, "--from", "sender@raw.example", "--to", "b@example.net", "--data", "-"]);

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public Task Msmtp(string mechanism) => SendAsync("msmtp", mechanism, server =>
        ["--file=/dev/null", "--host=127.0.0.1", "--port=" + server.Split(':')[1], "--auth=" + mechanism.ToLowerInvariant(), "--user=tim", "--passwordeval=echo " + Secret, "--from=sender@raw.example", "--", "b@example.net"]);

    [Theory]
    [InlineData("PLAIN", "--login-options", "AUTH=PLAIN", "--user", "tim:" + Secret)]
    [InlineData("OAUTHBEARER", "--login-options", "AUTH=OAUTHBEARER", "--user", "tim:", "--oauth2-bearer", Secret)]
    public Task Curl(string mechanism, params string[] options) => SendAsync("curl", mechanism, server =>
        ["--silent", "--show-error", "--url", $"smtp://{server}/raw.example", .. options, "--mail-from", "sender@raw.example", "--mail-rcpt", "b@example.net", "--upload-file", "-"]);

    [Fact]
    public Task PythonSmtplib() => SendAsync("python3", "PLAIN", server =>
        ["-c", Script, "127.0.0.1", server.Split(':')[1], Secret]);

    private static async Task SendAsync(string program, string mechanism, Func<string, string[]> arguments)
    {
        var client = ExternalProgram.Require(program);
        await using var server = await ServerProcess.StartAsync();

        await client.RunAsync(Encoding.ASCII.GetBytes("Subject: test\r\n\r\nHello\r\n"), arguments(server.EndPoint.ToString()));

        var message = Encoding.UTF8.GetString(await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
        Assert.Contains(" with ESMTPA ", message, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" is tim by {mechanism}"), server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, server.Output, StringComparison.Ordinal);
    }
}
