using System.Globalization;

namespace Postrider.FunctionalTests.Interop;

/// <summary>msmtp sends into the server.</summary>
public sealed class MsmtpTests
{
    [Fact]
    public Task A_message_arrives_unchanged() => SendAsync(SampleContent.EightBit);

    [Fact]
    public Task Lines_over_998_octets_arrive_whole() => SendAsync(SampleContent.LongLines);

    private static async Task SendAsync(byte[] content)
    {
        var msmtp = ExternalProgram.Require("msmtp");
        await using var server = await ServerProcess.StartAsync();

        await msmtp.RunAsync(
            content,
            "--file=/dev/null", "--host=127.0.0.1", "--port=" + server.EndPoint.Port.ToString(CultureInfo.InvariantCulture), "--from=sender@raw.example", "--", "b@example.net");

        SampleContent.AssertUnchanged(content, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
    }
}
