namespace Postrider.FunctionalTests.Interop;

/// <summary>A Postfix keeps mail until <c>postrider fetch --etrn</c> asks for it.</summary>
public sealed class PostfixEtrnTests
{
    [Fact]
    public async Task What_it_keeps_arrives_when_it_is_asked_for()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var postfix = await PeerServer.PostfixEtrnAsync(server.EndPoint);
        await RawSmtpClient.SendAsync(postfix.EndPoint, "b@branch.example", SampleContent.EightBit);
        await Eventually.TrueAsync(() => Task.FromResult(postfix.PostfixLog.Contains("status=deferred", StringComparison.Ordinal)), () => postfix.PostfixLog);
        Assert.Empty(new Mailboxes(server).All());

        var run = await CommandRun.OfAsync("fetch", postfix.EndPoint.ToString(), "--etrn", "branch.example,other.example");
        Assert.Equal("branch.example: 250 Queuing started\nother.example: 459 <other.example>: service unavailable\n", run.Output);
        Assert.Equal(77, run.ExitCode);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox("b@branch.example")));
    }
}
