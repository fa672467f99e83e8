namespace Postrider.FunctionalTests.Interop;

/// <summary>curl sends into the server.</summary>
public sealed class CurlTests
{
    [Fact]
    public Task A_message_arrives_unchanged() => SendAsync(SampleContent.EightBit);

    [Fact]
    public Task Lines_over_998_octets_arrive_whole() => SendAsync(SampleContent.LongLines);

    private static async Task SendAsync(byte[] content)
    {
        var curl = ExternalProgram.Require("curl");
        await using var server = await ServerProcess.StartAsync();

        await curl.RunAsync(
            content, "--silent", "--show-error", "--url", $"smtp://{server.EndPoint}/raw.example", "--mail-from", "sender@raw.example", "--mail-rcpt", "b@example.net", "--upload-file", "-");

        SampleContent.AssertUnchanged(content, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
    }
}
