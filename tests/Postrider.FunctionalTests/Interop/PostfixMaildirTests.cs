using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>The server relays to a Postfix that delivers to a Maildir.</summary>
public sealed class PostfixMaildirTests
{
    [Fact]
    public async Task What_is_relayed_arrives_unchanged()
    {
        await using var postfix = await PeerServer.PostfixMaildirAsync();
        await using var server = await ServerProcess.StartRelayAsync(postfix.EndPoint);

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);

        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(postfix.Box));
    }

    [Fact]
    public async Task Lines_over_998_octets_arrive_whole()
    {
        await using var postfix = await PeerServer.PostfixMaildirAsync();
        await using var server = await ServerProcess.StartRelayAsync(postfix.EndPoint);

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.LongLines);

        SampleContent.AssertUnchanged(SampleContent.LongLines, await Maildir.ReadOneAsync(postfix.Box));
    }

    [Fact]
    public async Task A_route_may_have_all_content_go_by_BDAT()
    {
        await using var postfix = await PeerServer.PostfixMaildirAsync();
        await using var server = await ServerProcess.StartAsync($$"""{ "hostname": "relay.example", "smarthost": { "to": "{{postfix.EndPoint}}", "chunking": "always" } }""");

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);

        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(postfix.Box));
        await server.StopAsync();
        // Postfix counts the commands of each connection in the line of its end.
        await Eventually.TrueAsync(() => postfix.PostfixLog.Contains("bdat=1 quit=1", StringComparison.Ordinal), () => postfix.PostfixLog);
        Assert.DoesNotContain("data=1", postfix.PostfixLog, StringComparison.Ordinal);
    }

    // Postfix offers CHUNKING and not BINARYMIME: what came by BDAT is converted, and goes by DATA (RFC 3030 §3).
    [Fact]
    public async Task Binary_content_that_came_in_chunks_arrives_in_base64()
    {
        await using var postfix = await PeerServer.PostfixMaildirAsync();
        await using var server = await ServerProcess.StartRelayAsync(postfix.EndPoint);
        byte[] binary = [.. Enumerable.Range(0, 2000).Select(static i => (byte)(i * 7))];
        byte[] message = [.. "Subject: binary\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"u8, .. binary];

        await using var client = await RawSmtpClient.ConnectAsync(server.EndPoint);
        await client.CommandAsync("EHLO client.example", "250");
        await client.CommandAsync("MAIL FROM:<a@example.org> BODY=BINARYMIME", "250");
        await client.CommandAsync("RCPT TO:<b@example.net>", "250");
        foreach (var chunk in message.Chunk(700))
        {
            await client.SendAsync(Encoding.ASCII.GetBytes($"BDAT {chunk.Length}\r\n"));
            await client.SendAsync(chunk);
            await client.ExpectAsync("250");
        }
        await client.CommandAsync("BDAT 0 LAST", "250");

        var arrived = Encoding.Latin1.GetString(await Maildir.ReadOneAsync(postfix.Box));
        Assert.Contains("Content-Transfer-Encoding: base64\r\n", arrived, StringComparison.Ordinal);
        Assert.Equal(binary, Convert.FromBase64String(arrived[(arrived.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
    }
}
