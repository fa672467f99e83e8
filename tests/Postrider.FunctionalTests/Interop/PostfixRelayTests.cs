namespace Postrider.FunctionalTests.Interop;

/// <summary>A Postfix relays to the server.</summary>
public sealed class PostfixRelayTests
{
    [Fact]
    public async Task What_it_relays_arrives_unchanged()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var postfix = await PeerServer.PostfixRelayAsync(server.EndPoint);

        await RawSmtpClient.SendAsync(postfix.EndPoint, "b@example.net", SampleContent.EightBit);
        await RawSmtpClient.SendAsync(postfix.EndPoint, "long@example.net", SampleContent.LongLines);

        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
        SampleContent.AssertUnchanged(SampleContent.LongLines, await Maildir.ReadOneAsync(server.Mailbox("long@example.net")));
    }
}
