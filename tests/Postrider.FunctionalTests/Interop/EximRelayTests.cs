namespace Postrider.FunctionalTests.Interop;

/// <summary>An Exim relays to the server, by BDAT, which it uses wherever it is offered.</summary>
public sealed class EximRelayTests
{
    [Fact]
    public async Task What_it_relays_by_BDAT_arrives_unchanged()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var exim = await PeerServer.EximRelayAsync(server.EndPoint);
        // Larger than what a server keeps in memory, and than Exim's chunks.
        byte[] large = [.. SampleContent.EightBit, .. Enumerable.Repeat(".a line of many\r\n"u8.ToArray(), 40_000).SelectMany(static line => line)];

        await RawSmtpClient.SendAsync(exim.EndPoint, "b@example.net", SampleContent.EightBit);
        await RawSmtpClient.SendAsync(exim.EndPoint, "large@example.net", large);

        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
        SampleContent.AssertUnchanged(large, await Maildir.ReadOneAsync(server.Mailbox("large@example.net")));
        // K: by CHUNKING.
        await Eventually.TrueAsync(() => exim.EximLog.Split('\n').Count(static line => line.Contains(" => ", StringComparison.Ordinal) && line.Contains(" K ", StringComparison.Ordinal)) == 2, () => exim.EximLog);
    }
}
