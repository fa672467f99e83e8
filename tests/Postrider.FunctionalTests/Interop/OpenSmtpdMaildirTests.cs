namespace Postrider.FunctionalTests.Interop;

/// <summary>The server relays to an OpenSMTPD that delivers to a Maildir.</summary>
public sealed class OpenSmtpdMaildirTests
{
    [Fact]
    public async Task What_is_relayed_arrives_unchanged()
    {
        await using var openSmtpd = await PeerServer.OpenSmtpdMaildirAsync();
        await using var server = await ServerProcess.StartRelayAsync(openSmtpd.EndPoint);

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);
        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.LongLines);

        var arrived = (await Maildir.ReadAsync(openSmtpd.Box, 2)).OrderBy(static content => content.Length).ToList();
        SampleContent.AssertUnchanged(SampleContent.EightBit, arrived[0]);
        SampleContent.AssertUnchanged(SampleContent.LongLines, arrived[1]);
    }
}
