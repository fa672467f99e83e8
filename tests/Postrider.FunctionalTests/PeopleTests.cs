namespace Postrider.FunctionalTests;

public sealed class PeopleTests
{
    private const string Configuration = """
        {
          "localDomains": [ "example.org" ],
          "people": "people.json",
          "aliases": "aliases",
          "mayAsk": { "networks": [ "127.0.0.0/8" ] },
        }
        """;

    private const string People = """
        {
          "users": {
            "anna": { "fullName": "Anna Smith" },
            "bob": { "fullName": "Bob Smith", "forward": "anna", "keepCopy": true },
            "lock": { "state": "locked" },
            "full": { "quotaMessages": 1 },
          },
          "lists": { "team": { "fullName": "The team", "owner": "anna", "members": [ "anna", "bob", "Carl <carl@example.org>" ] } },
          "moved": { "carl": { "to": "bob", "forward": true }, "dora": "dora@new.example" },
        }
        """;

    [Fact]
    public async Task Who_is_here_is_told_and_served()
    {
        await using var server = await StartAsync();
        await using (var client = await RawSmtpClient.ConnectAsync(server.EndPoint))
        {
            await client.CommandAsync("EHLO raw.example", "250");
            await client.CommandAsync("VRFY Smith", "553");
            await client.CommandAsync("VRFY carl", "251");
            await client.CommandAsync("VRFY dora", "551");
            await client.CommandAsync("VRFY nobody", "550");
            await client.CommandAsync("MAIL FROM:<sender@example.org>", "250");
            await client.CommandAsync("RCPT TO:<nobody@example.org>", "550");
            await client.CommandAsync("RCPT TO:<dora@example.org>", "551");
            await client.CommandAsync("RCPT TO:<lock@example.org>", "450");
            await client.CommandAsync("RCPT TO:<carl@example.org>", "251");
            await client.CommandAsync("RCPT TO:<anna+shop@example.org>", "250");
            await client.CommandAsync("RSET", "250");
            await client.CommandAsync("QUIT", "221");
        }
        var mailboxes = new Mailboxes(server);
        await RawSmtpClient.SendAsync(server.EndPoint, "team@example.org", "Subject: to all\r\n\r\nHello\r\n"u8.ToArray());
        await mailboxes.ExpectAsync("anna", "example.org");
        var copy = Assert.Single(await mailboxes.ExpectAsync("bob", "example.org"));
        Assert.StartsWith("Return-Path: <anna@example.org>\nDelivered-To: team@example.org\nReceived: ", await File.ReadAllTextAsync(copy), StringComparison.Ordinal);

        await RawSmtpClient.SendAsync(server.EndPoint, "full@example.org", "Subject: 1\r\n\r\n"u8.ToArray());
        await mailboxes.ExpectAsync("full", "example.org");
        await using (var client = await RawSmtpClient.ConnectAsync(server.EndPoint))
        {
            await client.CommandAsync("HELO raw.example", "250");
            await client.CommandAsync("MAIL FROM:<>", "250");
            await client.CommandAsync("RCPT TO:<full@example.org>", "452");
        }
    }

    [Theory]
    [InlineData(0, "250 2.1.5 Anna Smith <anna@example.org>", "vrfy", "anna")]
    [InlineData(0, "250 2.1.5 Anna Smith <anna@example.org>\n250 2.1.5 Bob Smith <bob@example.org>", "expn", "team")]
    [InlineData(0, "251 2.1.5 User not local; will forward to <bob@example.org>", "vrfy", "carl")]
    [InlineData(0, "214 2.0.0 VRFY user-or-mailbox [SMTPUTF8] (RFC 5321 section 4.1.1.6)", "help", "vrfy")]
    [InlineData(0, "211 2.0.0 ", "help", "status")]
    [InlineData(69, "553 5.1.4 Ambiguous; possibilities are\n553 5.1.4 Anna Smith <anna@example.org>\n553 5.1.4 Bob Smith <bob@example.org>", "vrfy", "Smith")]
    [InlineData(69, "551 5.1.6 User not local; please try <dora@new.example>", "vrfy", "dora")]
    [InlineData(69, "550 5.1.1 No such list here", "expn", "nobody")]
    [InlineData(69, "504 5.5.4 ", "help", "me")]
    public async Task Postrider_ask_prints_the_reply(int exitCode, string output, params string[] question)
    {
        await using var server = await StartAsync();
        var run = await CommandRun.OfAsync(["ask", server.EndPoint.ToString(), .. question]);
        Assert.StartsWith(output, run.Output, StringComparison.Ordinal);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task The_sandbox_lists_the_commands_and_knows_nobody()
    {
        await using var server = await ServerProcess.StartAsync();
        var run = await CommandRun.OfAsync("ask", server.EndPoint.ToString(), "vrfy", "anna@example.org", "--show-dialogue");
        Assert.Contains("S: 250-EXPN", run.Output, StringComparison.Ordinal);
        Assert.Contains("252 2.5.0 ", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Files_are_read_again_and_a_mistake_changes_nothing()
    {
        await using var server = await StartAsync();
        var file = Path.Combine(Path.GetDirectoryName(server.ConfigurationFile!)!, "people.json");
        await File.WriteAllTextAsync(file, """{ "users": { "emil": {}, "emi": { "forward": "nobody" } } }""");
        await LoggedAsync(server, "people.json:1: users.emi.forward: leads to nobody@example.org, and there is nobody of that name here");
        Assert.Equal(0, (await CommandRun.OfAsync("ask", server.EndPoint.ToString(), "vrfy", "anna")).ExitCode);
        Assert.Equal(78, (await CommandRun.OfAsync("check", "--config", server.ConfigurationFile!)).ExitCode);

        await File.WriteAllTextAsync(file, """{ "users": { "emil": { "fullName": "Emil" } } }""");
        await LoggedAsync(server, "changed and in force: 1 users");
        Assert.Equal("250 2.1.5 Emil <emil@example.org>\n", (await CommandRun.OfAsync("ask", server.EndPoint.ToString(), "vrfy", "emil")).Output);
        Assert.Equal(69, (await CommandRun.OfAsync("ask", server.EndPoint.ToString(), "vrfy", "anna")).ExitCode);
    }

    // The files lie beside the configuration before the server starts.
    private static Task<ServerProcess> StartAsync() =>
        ServerProcess.StartAsync(Configuration, new Dictionary<string, string>(StringComparer.Ordinal) { ["people.json"] = People, ["aliases"] = "# none yet\n" });

    private static Task<string> LoggedAsync(ServerProcess server, string text) =>
        Eventually.FoundAsync(() => server.Output.Contains(text, StringComparison.Ordinal) ? "" : null, () => $"{text}\n{server.Output}");
}
