using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>Postfix's smtp-source sends into the server.</summary>
public sealed class SmtpSourceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_its_messages_arrive(bool keepsConnections)
    {
        var source = ExternalProgram.Require("smtp-source");
        await using var server = await ServerProcess.StartAsync();
        string[] keep = keepsConnections ? ["-d"] : [];

        await source.RunAsync(default, [.. keep, "-s", "5", "-m", "60", "-l", "5000", "-f", "sender@raw.example", "-t", "b@example.net", server.EndPoint.ToString()]);

        var arrived = await Maildir.ReadAsync(server.Mailbox("b@example.net"), 60);
        Assert.Equal(60, arrived.Count);
        Assert.All(arrived, static content => Assert.EndsWith("XXXXXXX\r\n", Encoding.Latin1.GetString(content), StringComparison.Ordinal));
    }
}
