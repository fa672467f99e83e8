namespace Postrider.FunctionalTests.Interop;

/// <summary>An Exim keeps mail until <c>postrider fetch --etrn</c> asks for it.</summary>
public sealed class EximEtrnTests
{
    [Fact]
    public async Task What_it_keeps_arrives_when_it_is_asked_for()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var exim = await PeerServer.EximEtrnAsync(server.EndPoint);
        await RawSmtpClient.SendAsync(exim.EndPoint, "b@branch.example", SampleContent.EightBit);
        await Eventually.TrueAsync(() => Task.FromResult(exim.EximLog.Contains("domain is in queue_domains", StringComparison.Ordinal)), () => exim.EximLog);
        Assert.Empty(new Mailboxes(server).All());

        // Its own ETRN takes what is looked for in the recipients, behind a #.
        var run = await CommandRun.OfAsync("fetch", exim.EndPoint.ToString(), "--etrn", "#branch.example,#other.example");
        Assert.Equal("#branch.example: 250 OK\n#other.example: 458 Administrative prohibition\n", run.Output);
        Assert.Equal(75, run.ExitCode);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox("b@branch.example")));
    }
}
