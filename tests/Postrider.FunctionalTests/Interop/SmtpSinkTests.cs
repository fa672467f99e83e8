namespace Postrider.FunctionalTests.Interop;

/// <summary>The server relays to Postfix's smtp-sink.</summary>
public sealed class SmtpSinkTests
{
    [Fact]
    public async Task What_is_relayed_arrives_unchanged()
    {
        await using var sink = await PeerServer.SmtpSinkAsync();
        await using var server = await ServerProcess.StartRelayAsync(sink.EndPoint);

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);

        SampleContent.AssertUnchanged(SampleContent.EightBit, await ReadAsync(sink));
    }

    [Fact]
    public async Task Lines_over_998_octets_are_relayed_whole()
    {
        await using var sink = await PeerServer.SmtpSinkAsync();
        await using var server = await ServerProcess.StartRelayAsync(sink.EndPoint);

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.LongLines);

        SampleContent.AssertUnchanged(SampleContent.LongLines, await ReadAsync(sink));
    }

    // It puts an empty line behind each message.
    private static async Task<byte[]> ReadAsync(PeerServer sink) =>
        (await Maildir.ReadOneAsync(sink.Box, SampleContent.LastLine + "\r\n"))[..^2];
}
