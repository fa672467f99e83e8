namespace Postrider.FunctionalTests.Interop;

/// <summary>swaks sends into the server.</summary>
public sealed class SwaksTests
{
    // It ends the last line itself.
    private static readonly byte[] Content = SampleContent.EightBit[..^2];

    [Fact]
    public async Task A_message_arrives_unchanged()
    {
        var swaks = ExternalProgram.Require("swaks");
        await using var server = await ServerProcess.StartAsync();

        var dialogue = await swaks.RunAsync(
            Content, "--server", server.EndPoint.ToString(), "--from", "sender@raw.example", "--to", "b@example.net", "--data", "-");

        Assert.Contains("PIPELINING", dialogue, StringComparison.Ordinal);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
    }

    [Fact]
    public async Task Lines_over_998_octets_arrive_whole()
    {
        var swaks = ExternalProgram.Require("swaks");
        await using var server = await ServerProcess.StartAsync();

        await swaks.RunAsync(
            SampleContent.LongLines.AsMemory(0, SampleContent.LongLines.Length - 2), "--server", server.EndPoint.ToString(), "--from", "sender@raw.example", "--to", "b@example.net", "--data", "-");

        SampleContent.AssertUnchanged(SampleContent.LongLines, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
    }

    [Fact]
    public async Task It_may_pipeline()
    {
        var swaks = ExternalProgram.Require("swaks");
        await using var server = await ServerProcess.StartAsync();

        await swaks.RunAsync(
            Content, "--pipeline", "--server", server.EndPoint.ToString(), "--from", "<>", "--to", "b@example.net,c@example.net", "--data", "-");

        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox("c@example.net")));
    }

    [Fact]
    public async Task A_client_named_by_XCLIENT_stands_in_the_trace_and_is_judged()
    {
        var swaks = ExternalProgram.Require("swaks");
        await using var server = await ServerProcess.StartAsync("""{ "hostname": "mx.example", "localDomains": [ "example.net" ], "smarthost": "127.0.0.1:9", "xclientFrom": "127.0.0.1" }""");
        string[] client = ["--server", server.EndPoint.ToString(), "--xclient-addr", "192.0.2.7", "--xclient-name", "spike.example.com", "--xclient-delim", "--xclient-port", "4711", "--helo", "h.example"];

        await swaks.RunAsync(Content, [.. client, "--from", "sender@raw.example", "--to", "b@example.net", "--data", "-"]);
        Assert.Contains("from h.example (spike.example.com [192.0.2.7])", System.Text.Encoding.UTF8.GetString(await Maildir.ReadOneAsync(server.Mailbox("b@example.net"))), StringComparison.Ordinal);

        // Loopback may relay, and the client it names may not.
        var run = await Assert.ThrowsAnyAsync<Exception>(() => swaks.RunAsync(Content, [.. client, "--from", "sender@raw.example", "--to", "b@elsewhere.example", "--data", "-"]));
        Assert.Contains("550 5.7.1", run.Message, StringComparison.Ordinal);
    }
}
