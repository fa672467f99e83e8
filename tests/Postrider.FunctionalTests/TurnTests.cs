using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.FunctionalTests;

/// <summary>Two Postriders whose roles change on one connection: TURN, and ATRN.</summary>
public sealed class TurnTests
{
    private static readonly byte[] letter = Encoding.ASCII.GetBytes("Subject: for the branch\r\n\r\nhello\r\n");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_exchange_mail_by_TURN_over_one_connection(bool isOverTls)
    {
        using var certificate = new CertificateFiles("provider.example");
        await using var provider = await OnDemandProvider.StartAsync(isOverTls ? certificate.Settings : "");
        // Nobody listens where the branch sends by itself: what it has for the provider waits.
        await using var branch = await StartBranchAsync(ServerProcess.FreePort());
        await provider.AcceptAsync("anna@branch.example", letter);
        await provider.AcceptAsync("bob@branch.example", letter);
        for (var i = 0; i < 3; i++)
            await RawSmtpClient.SendAsync(branch.EndPoint, "jones@provider.example", letter);
        await Eventually.TrueAsync(() => branch.Output.Split("deferred").Length > 1, () => branch.Output);

        var run = await FetchAsync(branch, provider.Submission, OnDemandProvider.Secret, ["--turn", "--user", "office", .. isOverTls ? ["--tls", "verified", "--ca", certificate.Certificate, "--show-dialogue"] : Array.Empty<string>()]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith(
            """
            Sent 3 messages: 3 recipients taken, 0 deferred, 0 failed.
            TURN: 250 2.0.0 OK now reversing the connection
            Received 2 messages.

            """,
            run.Output,
            StringComparison.Ordinal);
        await new Mailboxes(branch).ExpectAsync("anna", "branch.example");
        await new Mailboxes(branch).ExpectAsync("bob", "branch.example");
        await new Mailboxes(provider.Server).ExpectAsync("jones", "provider.example", 3);
        Assert.Contains("TURN of office: 250 2.0.0", provider.Server.Output, StringComparison.Ordinal);
        var received = await Maildir.ReadOneAsync(branch.Mailbox("anna@branch.example"));
        Assert.Contains($"with {(isOverTls ? "ESMTPS" : "ESMTP")} ", Encoding.Latin1.GetString(received), StringComparison.Ordinal);
        // Nothing is left on either side, and nothing comes twice.
        run = await FetchAsync(branch, provider.Submission, OnDemandProvider.Secret, "--turn", "--user", "office", "--tls", isOverTls ? "required" : "opportunistic");
        Assert.Equal("TURN: 250 2.0.0 OK now reversing the connection\nReceived 0 messages.\n", run.Output);
        Assert.Equal(2, new Mailboxes(branch).All().Length);
    }

    [Fact]
    public async Task Mail_is_fetched_by_ATRN()
    {
        using var certificate = new CertificateFiles("provider.example");
        await using var provider = await OnDemandProvider.StartAsync(certificate.Settings);
        await using var branch = await StartBranchAsync(provider.Server.EndPoint);
        string[] account = ["--user", "branch", "--cram-md5", "--tls", "required"];

        var run = await FetchAsync(branch, provider.Odmr, OnDemandProvider.Secret, ["--atrn", .. account]);
        Assert.Equal((0, "ATRN: 453 4.0.0 You have no mail\n", ""), (run.ExitCode, run.Output, run.Error));
        await provider.AcceptAsync("anna@branch.example", letter);
        run = await FetchAsync(branch, provider.Odmr, OnDemandProvider.Secret, ["--atrn", "branch.example,other.example", .. account]);
        Assert.Equal((77, "ATRN: 450 4.7.1 ATRN request refused\n", ""), (run.ExitCode, run.Output, run.Error));
        run = await FetchAsync(branch, provider.Odmr, "wrong", ["--atrn", "branch.example", .. account]);
        Assert.Equal((77, ""), (run.ExitCode, run.Output));
        Assert.Contains("535 ", run.Error, StringComparison.Ordinal);
        Assert.Empty(new Mailboxes(branch).All());

        run = await FetchAsync(branch, provider.Odmr, OnDemandProvider.Secret, ["--atrn", "branch.example", "--show-dialogue", .. account]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("C: AUTH CRAM-MD5", run.Output, StringComparison.Ordinal);
        Assert.Contains("C: ATRN branch.example\nS: 250 2.0.0 OK now reversing the connection\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("Received 1 message.\n", run.Output, StringComparison.Ordinal);
        await new Mailboxes(branch).ExpectAsync("anna", "branch.example");
        // The account that has a password is let in there, too.
        run = await FetchAsync(branch, provider.Odmr, OnDemandProvider.Secret, "--atrn", "branch.example", "--user", "office");
        Assert.Equal((0, "ATRN: 453 4.0.0 You have no mail\n"), (run.ExitCode, run.Output));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_kill_in_the_middle_of_a_fetch_loses_nothing(bool isProvider)
    {
        const int Messages = 120;
        await using var provider = await OnDemandProvider.StartAsync();
        await using var branch = await StartBranchAsync(ServerProcess.FreePort());
        await using (var client = await RawSmtpClient.ConnectAsync(provider.Server.EndPoint))
        {
            await client.CommandAsync("EHLO raw.example", "250");
            for (var i = 0; i < Messages; i++)
            {
                await client.CommandAsync("MAIL FROM:<sender@raw.example>", "250");
                await client.CommandAsync("RCPT TO:<anna@branch.example>", "250");
                await client.CommandAsync("DATA", "354");
                await client.CommandAsync($"Subject: message {i.ToString(System.Globalization.CultureInfo.InvariantCulture)};\r\n\r\n{new string('x', 900)}\r\n.", "250");
            }
        }
        var victim = isProvider ? provider.Server : branch;
        var fetching = FetchAsync(branch, provider.Odmr, OnDemandProvider.Secret, "--atrn", "--user", "branch", "--cram-md5");
        await new Mailboxes(branch).ExpectAsync("anna", "branch.example", 5);
        await victim.KillAsync();
        // On a quick machine all of it may have come before the kill did.
        Assert.Contains((await fetching).ExitCode, (int[])[0, 75]);
        await victim.StartAgainAsync();

        await Eventually.TrueAsync(
            async () => (await FetchAsync(branch, provider.Odmr, OnDemandProvider.Secret, "--atrn", "--user", "branch", "--cram-md5")).Output.Contains("453 ", StringComparison.Ordinal),
            () => provider.Server.Output + branch.Output);
        string[] Subjects() => [.. new Mailboxes(branch).In("anna", "branch.example").Select(static file => File.ReadLines(file).First(static line => line.StartsWith("Subject: ", StringComparison.Ordinal)))];
        await Eventually.TrueAsync(() => Subjects().Distinct(StringComparer.Ordinal).Count() == Messages, () => $"{Subjects().Distinct(StringComparer.Ordinal).Count()} of {Messages} arrived.\n{branch.Output}");
        // Twice is only what the branch had and the provider could not write down, or was not told: some 50 ms of mail.
        Assert.InRange(Subjects().Length - Messages, 0, 60);
    }

    [Fact]
    public async Task A_stop_of_the_server_ends_a_fetch_at_once()
    {
        await using var branch = await StartBranchAsync(ServerProcess.FreePort());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var fetching = FetchAsync(branch, (IPEndPoint)listener.LocalEndpoint, "", "--turn");
        // A provider that turns, and then has nothing to say.
        using var silent = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(silent.GetStream());
        foreach (var (said, expected) in new[] { ("220 provider.example", "EHLO"), ("250 provider.example", "TURN"), ("250 go on", "220 mail.branch.example") })
        {
            await silent.GetStream().WriteAsync(Encoding.ASCII.GetBytes(said + "\r\n"));
            Assert.StartsWith(expected, await reader.ReadLineAsync(), StringComparison.Ordinal);
        }
        var started = System.Diagnostics.Stopwatch.StartNew();
        await branch.StopAsync();
        Assert.InRange(started.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.StartsWith("421 4.3.2", await reader.ReadLineAsync(), StringComparison.Ordinal);
        var run = await fetching;
        Assert.Equal((75, "", "postrider: the server stops; what was not received stays where it is.\n"), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task A_certificate_is_proof_enough()
    {
        using var server = new CertificateFiles("provider.example");
        using var known = new CertificateFiles("mail.branch.example");
        using var stranger = new CertificateFiles("mail.branch.example");
        await using var branch = await StartBranchAsync(ServerProcess.FreePort());
        var endPoint = ServerProcess.FreePort();
        await using var provider = await ServerProcess.StartAsync($$"""
            {
              {{server.Settings}}
              "hostname": "provider.example",
              "routes": { "branch.example": { "deliver": "on-demand" } },
              "mayFetch": [ { "domains": "branch.example", "certificates": "{{known.Fingerprint}}" } ],
              "listeners": [
                { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}} },
                { "address": "127.0.0.1", "port": {{endPoint.Port}}, "tls": "implicit", "clientCertificates": "asked" },
              ],
            }
            """);
        await RawSmtpClient.SendAsync(provider.EndPoint, "anna@branch.example", letter);
        await Eventually.TrueAsync(() => provider.Output.Contains("waits until it is fetched", StringComparison.Ordinal), () => provider.Output);

        var run = await FetchAsync(branch, endPoint, "", "--turn", "--tls-on-connect", "--tls", "verified", "--ca", server.Certificate, "--cert", stranger.Certificate, "--key", stranger.Key);
        Assert.Equal((69, "TURN: 502 5.5.1 Command not implemented\n", ""), (run.ExitCode, run.Output, run.Error));
        run = await FetchAsync(branch, endPoint, "", "--turn", "--tls-on-connect", "--tls", "verified", "--ca", server.Certificate, "--cert", known.Certificate, "--key", known.Key);
        Assert.Equal((0, "TURN: 250 2.0.0 OK now reversing the connection\nReceived 1 message.\n", ""), (run.ExitCode, run.Output, run.Error));
        await new Mailboxes(branch).ExpectAsync("anna", "branch.example");
    }

    [Fact]
    public async Task An_account_for_on_demand_relay_submits_no_mail()
    {
        await using var provider = await OnDemandProvider.StartAsync();
        var run = await CommandRun.InAsync(
            Environment.CurrentDirectory, OnDemandProvider.Secret + "\n", "send", "--server", provider.Submission.ToString(), "--to", "b@provider.example", "--from", "branch@provider.example", "--user", "branch", "--password-file", "-");
        Assert.Equal(77, run.ExitCode);
        await using var client = await RawSmtpClient.ConnectAsync(provider.Submission);
        Assert.DoesNotContain("CRAM-MD5", await client.CommandAsync("EHLO client.example", "250"), StringComparison.Ordinal);
        await client.CommandAsync("AUTH CRAM-MD5", "504");
        await client.CommandAsync("TURN", "502");
    }

    [Fact]
    public async Task What_comes_by_TURN_is_for_us_or_is_not_taken()
    {
        // A provider that would have us pass on what it has for others, though it is on our own network.
        await using var provider = await OnDemandProvider.StartAsync();
        await using var branch = await ServerProcess.StartAsync($$"""{ "hostname": "branch.example", "localDomains": [ "elsewhere.example" ], "smarthost": "{{provider.Server.EndPoint}}" }""");
        await provider.AcceptAsync("anna@branch.example", letter);
        var run = await FetchAsync(branch, provider.Odmr, OnDemandProvider.Secret, "--atrn", "--user", "office");
        Assert.EndsWith("Received 0 messages.\n", run.Output, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => provider.Server.Output.Contains("Relaying denied", StringComparison.OrdinalIgnoreCase), () => provider.Server.Output);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(64, "--turn", "--atrn", "a.example")]
    [InlineData(64, "--atrn", "a..example")]
    [InlineData(64, "--etrn", "a.example", "--cram-md5")]
    [InlineData(64, "--turn", "--user", "x", "--tls", "none")]
    [InlineData(75, "--turn")]
    public async Task What_is_wrong_is_said(int exitCode, params string[] arguments)
    {
        using var folder = new TemporaryFolder("fetch");
        var run = await CommandRun.InAsync(folder.Path, "", ["fetch", "mx.example:25", .. arguments]);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("postrider: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_out_of_reach_is_said_to_be_so()
    {
        await using var branch = await StartBranchAsync(ServerProcess.FreePort());
        var run = await FetchAsync(branch, ServerProcess.FreePort(), "", "--turn");
        Assert.Equal((69, ""), (run.ExitCode, run.Output));
        Assert.Contains("refused", run.Error, StringComparison.Ordinal);
    }

    private static Task<ServerProcess> StartBranchAsync(IPEndPoint provider) => ServerProcess.StartAsync($$"""
        {
          "hostname": "mail.branch.example",
          "localDomains": [ "branch.example" ],
          "routes": { "provider.example": { "to": "{{provider}}", "tls": "none" } },
        }
        """);

    private static Task<CommandRun> FetchAsync(ServerProcess branch, IPEndPoint provider, string secret, params string[] arguments) =>
        CommandRun.InAsync(Environment.CurrentDirectory, secret + "\n", ["fetch", provider.ToString(), "--data", branch.Data, .. arguments, .. arguments.Contains("--user") ? ["--password-file", "-"] : Array.Empty<string>()]);
}
