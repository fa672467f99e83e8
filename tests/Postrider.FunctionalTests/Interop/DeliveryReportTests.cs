using System.Net;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>What a sender wants to be told (DSN, RFC 3461) goes through Postfix and Exim to the server, and from the server to them; each report is made once, by who knows.</summary>
public sealed class DeliveryReportTests
{
    private const string Sender = "jones@a.example";

    [Fact]
    public async Task Postfix_hands_on_what_is_wanted_and_takes_the_report_of_success()
    {
        await using var home = await PeerServer.PostfixMaildirAsync();
        await using var server = await ServerAsync(home.EndPoint);
        await using var postfix = await PeerServer.PostfixRelayAsync(server.EndPoint);

        await SendAsync(postfix.EndPoint, "anna@b.example", "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;First+2BAnna@b.example");

        await Maildir.ReadOneAsync(server.Mailbox("anna@b.example"));
        AssertReport(await Maildir.ReadOneAsync(home.Box), "delivered", "2.0.0", "First+Anna@b.example", "anna@b.example");
    }

    [Fact]
    public async Task Postfix_hands_on_what_is_wanted_and_takes_the_report_of_a_failure()
    {
        await using var home = await PeerServer.PostfixMaildirAsync();
        await using var server = await ServerAsync(home.EndPoint);
        await using var postfix = await PeerServer.PostfixRelayAsync(server.EndPoint);

        // Of the one the sender wants to know nothing.
        await SendAsync(postfix.EndPoint, "never@dead.example", "NOTIFY=NEVER");
        await SendAsync(postfix.EndPoint, "anna@dead.example", "NOTIFY=FAILURE ORCPT=rfc822;anna@first.example");

        var report = await Maildir.ReadOneAsync(home.Box);
        AssertReport(report, "failed", "4.4.7", "anna@first.example", "anna@dead.example");
        // RET=HDRS.
        Assert.Contains("Content-Type: text/rfc822-headers", Encoding.Latin1.GetString(report), StringComparison.Ordinal);
        Assert.DoesNotContain("the body of it", Encoding.Latin1.GetString(report), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => server.Output.Contains("wants no report", StringComparison.Ordinal), () => server.Output);
        Assert.Single(await Maildir.ReadAsync(home.Box, 1));
    }

    [Fact]
    public async Task Success_at_a_Postfix_is_reported_by_it_and_not_by_the_server()
    {
        await using var postfix = await PeerServer.PostfixMaildirAsync();
        await using var server = await ServerProcess.StartAsync($$"""{ "hostname": "relay.example", "smarthost": "{{postfix.EndPoint}}" }""");

        await SendAsync(server.EndPoint, "anna@b.example", "NOTIFY=SUCCESS ORCPT=rfc822;anna@first.example");

        var report = await ReportAmongAsync(postfix.Box);
        AssertReport(report, "delivered", "2.0.0", "anna@first.example", "anna@b.example");
        Assert.Contains("Reporting-MTA: dns; postfix.example", Encoding.Latin1.GetString(report), StringComparison.Ordinal);
        Assert.DoesNotContain("report", server.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await Maildir.ReadAsync(postfix.Box, 2)).Count);
    }

    [Fact]
    public async Task Exim_hands_on_what_is_wanted()
    {
        await using var server = await ServerProcess.StartAsync("""{ "hostname": "relay.example", "localDomains": [ "a.example", "b.example" ] }""");
        await using var exim = await PeerServer.EximRelayAsync(server.EndPoint);

        await SendAsync(exim.EndPoint, "anna@b.example", "NOTIFY=SUCCESS ORCPT=rfc822;anna@first.example");

        await Maildir.ReadOneAsync(server.Mailbox("anna@b.example"));
        AssertReport(await Maildir.ReadOneAsync(server.Mailbox(Sender)), "delivered", "2.0.0", "anna@first.example", "anna@b.example");
    }

    [Fact]
    public async Task Success_at_an_Exim_is_reported_by_it_and_not_by_the_server()
    {
        await using var exim = await PeerServer.EximMaildirAsync();
        await using var server = await ServerProcess.StartAsync($$"""{ "hostname": "relay.example", "smarthost": "{{exim.EndPoint}}" }""");

        await SendAsync(server.EndPoint, "anna@b.example", "NOTIFY=SUCCESS ORCPT=rfc822;anna@first.example");

        var report = Encoding.Latin1.GetString(await ReportAmongAsync(exim.Box));
        Assert.Contains("Reporting-MTA: dns; exim.example", report, StringComparison.Ordinal);
        Assert.Contains("Original-Envelope-ID: QQ314159", report, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Action: deliver", report, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("report", server.Output, StringComparison.Ordinal);
    }

    // Reports go to where the sender is at home.
    private static Task<ServerProcess> ServerAsync(IPEndPoint home) => ServerProcess.StartAsync($$"""
        {
          "hostname": "relay.example",
          "localDomains": [ "b.example" ],
          "routes": { "a.example": "{{home}}", "dead.example": "{{ServerProcess.FreePort()}}" },
          "retry": { "after": [ "500ms" ], "giveUpAfter": "1s" },
        }
        """);

    private static async Task SendAsync(IPEndPoint server, string recipient, string wishes)
    {
        await using var client = await RawSmtpClient.ConnectAsync(server);
        Assert.Contains("DSN", await client.CommandAsync("EHLO client.example", "250"), StringComparison.Ordinal);
        await client.CommandAsync($"MAIL FROM:<{Sender}> RET=HDRS ENVID=QQ314159", "250");
        await client.CommandAsync($"RCPT TO:<{recipient}> {wishes}", "250");
        await client.CommandAsync("DATA", "354");
        await client.SendAsync("From: jones@a.example\r\nSubject: a test\r\nMessage-ID: <1@a.example>\r\n\r\nthe body of it\r\n.\r\n"u8.ToArray());
        await client.ExpectAsync("250");
        await client.CommandAsync("QUIT", "221");
    }

    private static async Task<byte[]> ReportAmongAsync(string box) =>
        Assert.Single(await Maildir.ReadAsync(box, 2), static message => Encoding.Latin1.GetString(message).Contains("multipart/report", StringComparison.Ordinal));

    private static void AssertReport(byte[] message, string action, string status, string originalRecipient, string recipient)
    {
        var report = Encoding.Latin1.GetString(message);
        Assert.Contains("report-type=delivery-status", report, StringComparison.Ordinal);
        Assert.Contains("\r\nOriginal-Envelope-Id: QQ314159\r\n", report, StringComparison.Ordinal);
        // Postfix writes it without the space.
        Assert.Matches($"\r\nOriginal-Recipient: rfc822; ?{System.Text.RegularExpressions.Regex.Escape(originalRecipient)}\r\n", report);
        Assert.Contains($"\r\nFinal-Recipient: rfc822; {recipient}\r\n", report, StringComparison.Ordinal);
        Assert.Contains($"\r\nAction: {action}\r\nStatus: {status}\r\n", report, StringComparison.Ordinal);
    }
}
