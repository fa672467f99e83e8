using System.Text;

namespace Postrider.FunctionalTests;

public sealed class RelayTests
{
    [Fact]
    public async Task What_arrives_by_a_relay_is_what_was_sent_octet_for_octet()
    {
        await using var sink = await ServerProcess.StartAsync();
        await using var relay = await ServerProcess.StartAsync($$"""{ "hostname": "relay.example", "smarthost": "{{sink.EndPoint}}" }""");
        // Dots to be stuffed, octets above 127 that are no UTF-8, and lines up to the limit of RFC 5321 §4.5.3.1.6.
        var content = new MemoryStream();
        content.Write("Subject: x\r\n\r\n.\r\n..\r\n.text\r\n"u8);
        content.Write([.. Enumerable.Range(1, 255).Select(static i => (byte)i).Where(static b => b is not (10 or 13)), 13, 10]);
        content.Write(Encoding.ASCII.GetBytes(new string('x', 998) + "\r\n"));
        using var folder = new TemporaryFolder("relay");
        var file = Path.Combine(folder.Path, "message");
        await File.WriteAllBytesAsync(file, content.ToArray());

        var sent = await CommandRun.OfAsync("send", "--server", relay.EndPoint.ToString(), "--from", "jones@example.org", "--to", "anna@example.com", "--file", file);
        Assert.Equal((0, ""), (sent.ExitCode, sent.Error));
        var arrived = await File.ReadAllBytesAsync(Assert.Single(await new Mailboxes(sink).ExpectAsync("anna", "example.com")));
        var expected = Lf(content.ToArray());
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(arrived.AsSpan(arrived.Length - expected.Length)));
        var head = Encoding.Latin1.GetString(arrived.AsSpan(0, arrived.Length - expected.Length));
        Assert.StartsWith("Return-Path: <jones@example.org>\n", head, StringComparison.Ordinal);
        Assert.Equal(2, head.Split("Received: ").Length - 1);
        Assert.Contains("Received: from relay.example", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_routed_domain_goes_to_its_host_and_the_second_host_is_tried_when_the_first_is_away()
    {
        await using var sink = await ServerProcess.StartAsync();
        await using var relay = await ServerProcess.StartAsync($$"""
            { "hostname": "relay.example", "localDomains": [ "here.example" ], "routes": { "there.example": [ "{{ServerProcess.FreePort()}}", "{{sink.EndPoint}}" ] } }
            """);
        var sent = await CommandRun.OfAsync("send", "--server", relay.EndPoint.ToString(), "--to", "a@here.example", "--to", "b@there.example");
        Assert.Equal((0, ""), (sent.ExitCode, sent.Error));
        await new Mailboxes(relay).ExpectAsync("a", "here.example");
        await new Mailboxes(sink).ExpectAsync("b", "there.example");
        Assert.Empty(new Mailboxes(relay).In("b", "there.example"));
    }

    [Fact]
    public async Task Nobody_relays_who_is_not_named_and_the_sender_is_told_so_at_once()
    {
        await using var server = await ServerProcess.StartAsync("""{ "localDomains": [ "here.example" ], "smarthost": "127.0.0.1:9", "relayFrom": [ "192.0.2.0/24" ] }""");
        var refused = await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--to", "a@elsewhere.example");
        Assert.Equal(69, refused.ExitCode);
        Assert.Contains("550 5.7.1 Relaying denied", refused.Error, StringComparison.Ordinal);
        var postmaster = await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--to", "postmaster@here.example");
        Assert.Equal(0, postmaster.ExitCode);
    }

    [Fact]
    public async Task What_cannot_be_delivered_is_tried_again_and_then_returned_to_the_sender()
    {
        var nobody = ServerProcess.FreePort();
        await using var server = await ServerProcess.StartAsync($$"""
            {
              "hostname": "mx.example",
              "localDomains": [ "here.example" ],
              "routes": { "away.example": "{{nobody}}" },
              "retry": { "after": [ "200ms" ], "giveUpAfter": "1s" },
            }
            """);
        var sent = await CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--from", "jones@here.example", "--to", "anna@away.example", "--subject", "Lost");
        Assert.Equal(0, sent.ExitCode);
        var report = await File.ReadAllTextAsync(Assert.Single(await new Mailboxes(server).ExpectAsync("jones", "here.example")));
        Assert.StartsWith("Return-Path: <>\n", report, StringComparison.Ordinal);
        Assert.Contains("multipart/report; report-type=delivery-status", report, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: rfc822; anna@away.example", report, StringComparison.Ordinal);
        Assert.Contains("Action: failed", report, StringComparison.Ordinal);
        Assert.Contains("Status: 4.4.7", report, StringComparison.Ordinal);
        Assert.Contains("Subject: Lost", report, StringComparison.Ordinal);
        Assert.Contains(" deferred from <jones@here.example> to <anna@away.example>", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_that_waits_is_delivered_when_the_other_server_is_back()
    {
        await using var sink = await ServerProcess.StartAsync();
        await using var relay = await ServerProcess.StartAsync($$"""{ "smarthost": "{{sink.EndPoint}}", "retry": { "after": [ "200ms" ] } }""");
        await sink.StopAsync();
        Assert.Equal(0, (await CommandRun.OfAsync("send", "--server", relay.EndPoint.ToString(), "--to", "a@b.example")).ExitCode);
        await Eventually.FoundAsync(() => relay.Output.Contains(" deferred ", StringComparison.Ordinal) ? "" : null, () => relay.Output);
        await sink.StartAgainAsync();
        await new Mailboxes(sink).ExpectAsync("a", "b.example");
    }

    private static byte[] Lf(byte[] content) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(content).Replace("\r\n", "\n", StringComparison.Ordinal));
}
