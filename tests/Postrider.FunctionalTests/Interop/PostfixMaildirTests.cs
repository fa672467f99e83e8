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
}
