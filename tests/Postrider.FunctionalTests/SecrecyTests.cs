using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Postrider.FunctionalTests;

/// <summary>
/// Nothing secret is shown by either side: the program logs in to itself by each mechanism, with a right and a
/// wrong secret. A relay between the two sees what went over the wire, so that all of it can be looked for. The
/// program's log has no other level than the one it writes.
/// </summary>
public sealed partial class SecrecyTests
{
    private const string Password = "tanstaaf Ünïque ßecret";
    private const string Token = "eyJhbGciOiJub25lIn0.dW5pcXVlLXRva2Vu.c2lnbmF0dXJl";

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task A_password_is_shown_by_nobody(string mechanism)
    {
        await using var server = await SubmissionServer.StartAsync(Password);
        string[] secrets = [Password, "wrong " + Password];
        var shown = "";
        var wire = "";
        foreach (var secret in secrets)
        {
            using var between = new Between(server.EndPoint, mechanism);
            var run = await SendAsync(between.Port, secret, "none");
            Assert.Equal(secret == Password, run.ExitCode == 0);
            Assert.Contains($"C: AUTH {mechanism}", run.Output, StringComparison.Ordinal);
            // The wire has them, or nothing would be looked for.
            Assert.Contains(Secrets(secret, between.Said), word => between.Said.Contains(word, StringComparison.Ordinal));
            shown += run.Output + run.Error;
            wire += between.Said;
        }
        await server.StopAsync();

        Assert.Contains($" is tim@example.org by {mechanism}", server.Output, StringComparison.Ordinal);
        Assert.Contains($" failed to be tim@example.org by {mechanism}", server.Output, StringComparison.Ordinal);
        foreach (var secret in secrets)
            AssertSecret(shown + server.Output, secret, wire);
    }

    [Fact]
    public async Task Nor_with_channel_binding()
    {
        await using var server = await SubmissionServer.StartAsync(Password, isOverTls: true);
        var run = await SendAsync(server.EndPoint.Port, Password, "required");
        await server.StopAsync();

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("C: AUTH SCRAM-SHA-256-PLUS (hidden)", run.Output, StringComparison.Ordinal);
        // Of the exchange no word is shown, in whichever direction: the proofs are in them.
        Assert.DoesNotContain(run.Output.Split('\n'), line => line.StartsWith("S: 334 ", StringComparison.Ordinal) && line.TrimEnd() != "S: 334 (hidden)");
        AssertSecret(run.Output + server.Output, Password, "");
    }

    [Theory]
    [InlineData("OAUTHBEARER", "n,a=tim@example.org,\u0001auth=Bearer " + Token + "\u0001\u0001")]
    [InlineData("XOAUTH2", "user=tim@example.org\u0001auth=Bearer " + Token + "\u0001\u0001")]
    [InlineData("OAUTHBEARER", "n,a=tim@example.org,\u0001auth=Basic " + Token)]
    [InlineData("XOAUTH2", "auth=Bearer " + Token)]
    [InlineData("PLAIN", Token + "\0" + Token)]
    public async Task A_token_stands_in_no_log(string mechanism, string message)
    {
        // A sandbox takes any, right or wrong as they are.
        await using var server = await ServerProcess.StartAsync();
        await using var client = await RawSmtpClient.ConnectAsync(server.EndPoint);
        await client.CommandAsync("EHLO client.example", "250");
        var reply = await client.CommandAsync($"AUTH {mechanism} {Convert.ToBase64String(Encoding.UTF8.GetBytes(message))}", message.EndsWith('\u0001') && message.Contains('@', StringComparison.Ordinal) ? "235" : "501");
        await server.StopAsync();

        AssertSecret(server.Output + reply, Token, "");
    }

    [Fact]
    public async Task Nor_is_a_secret_for_on_demand_relay()
    {
        await using var provider = await OnDemandProvider.StartAsync();
        await using var branch = await ServerProcess.StartAsync();
        string[] secrets = [OnDemandProvider.Secret, "wrong " + OnDemandProvider.Secret];
        var shown = "";
        var wire = "";
        foreach (var secret in secrets)
        {
            using var between = new Between(provider.Odmr, "CRAM-MD5");
            var run = await CommandRun.InAsync(
                Path.GetTempPath(), secret + "\n", "fetch", $"127.0.0.1:{between.Port}", "--atrn", "--data", branch.Data, "--tls", "none", "--user", "branch", "--cram-md5", "--password-file", "-", "--show-dialogue");
            Assert.Equal(secret == OnDemandProvider.Secret ? 0 : 77, run.ExitCode);
            Assert.Contains("C: AUTH CRAM-MD5", run.Output, StringComparison.Ordinal);
            shown += run.Output + run.Error;
            wire += between.Said;
        }
        await provider.Server.StopAsync();
        await branch.StopAsync();

        Assert.Contains(" is branch by CRAM-MD5", provider.Server.Output, StringComparison.Ordinal);
        Assert.Contains(" failed to be branch by CRAM-MD5", provider.Server.Output, StringComparison.Ordinal);
        // The challenges and the proofs went over the wire.
        Assert.Equal(4, Base64().Count(wire));
        foreach (var secret in secrets)
            AssertSecret(shown + provider.Server.Output + branch.Output, secret, wire);
        foreach (var digest in Base64().Matches(wire).Select(static line => Encoding.UTF8.GetString(Convert.FromBase64String(line.Value))).Where(static text => text.StartsWith("branch ", StringComparison.Ordinal)))
            Assert.DoesNotContain(digest[7..], shown + provider.Server.Output + branch.Output, StringComparison.Ordinal);
    }

    private static Task<CommandRun> SendAsync(int port, string secret, string tls) => CommandRun.InAsync(
        Path.GetTempPath(), secret + "\n", "send", "--to", "b@example.org", "--from", "tim@example.org", "--server", $"127.0.0.1:{port}", "--tls", tls, "--user", "tim@example.org", "--password-file", "-", "--show-dialogue");

    private static void AssertSecret(string shown, string secret, string wire)
    {
        foreach (var word in Secrets(secret, wire))
            Assert.DoesNotContain(word, shown, StringComparison.Ordinal);
    }

    // The secret, its base64 wherever it begins in a group of three octets, and what the wire showed: lines of
    // base64 in both directions, and the proofs within them.
    private static IEnumerable<string> Secrets(string secret, string wire)
    {
        yield return secret;
        yield return secret[^8..];
        for (var shift = 0; shift < 3; shift++)
        {
            var coded = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('x', shift) + secret));
            yield return coded[4..^4];
        }
        foreach (Match line in Base64().Matches(wire))
        {
            yield return line.Value;
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(line.Value));
            foreach (var attribute in text.Split(','))
            {
                if (attribute.StartsWith("p=", StringComparison.Ordinal) || attribute.StartsWith("v=", StringComparison.Ordinal))
                    yield return attribute[2..];
            }
        }
    }

    [GeneratedRegex("(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![A-Za-z0-9+/=.])")]
    private static partial Regex Base64();

    /// <summary>Passes on what both sides say, keeps it, and leaves the client one mechanism.</summary>
    private sealed class Between : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly StringBuilder said = new();
        private readonly string mechanism;

        public Between(IPEndPoint server, string mechanism)
        {
            this.mechanism = mechanism;
            listener.Start();
            _ = PassOnAsync(server);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public string Said
        {
            get
            {
                lock (said)
                    return said.ToString();
            }
        }

        public void Dispose() => listener.Dispose();

        private async Task PassOnAsync(IPEndPoint server)
        {
            using var client = await listener.AcceptTcpClientAsync();
            using var other = new TcpClient();
            await other.ConnectAsync(server);
            await Task.WhenAny(CopyAsync(client, other), CopyAsync(other, client));
        }

        private async Task CopyAsync(TcpClient from, TcpClient to)
        {
            using var reader = new StreamReader(from.GetStream(), Encoding.Latin1, leaveOpen: true);
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("250", StringComparison.Ordinal) && line.Length > 8 && line.AsSpan(4).StartsWith("AUTH "))
                    line = $"{line[..4]}AUTH {mechanism}";
                lock (said)
                    said.AppendLine(line);
                await to.GetStream().WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));
            }
        }
    }
}
