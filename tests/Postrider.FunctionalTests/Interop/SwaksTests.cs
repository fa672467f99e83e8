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
}
