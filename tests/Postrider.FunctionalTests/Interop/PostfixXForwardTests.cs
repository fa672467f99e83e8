namespace Postrider.FunctionalTests.Interop;

/// <summary>A Postfix says by XFORWARD whom the mail came from that it passes on.</summary>
public sealed class PostfixXForwardTests
{
    [Theory]
    [InlineData("\"xforwardFrom\": \"127.0.0.1\",", true)]
    [InlineData("", false)]
    public async Task The_log_names_the_client_where_Postfix_is_believed(string setting, bool isNamed)
    {
        await using var server = await ServerProcess.StartAsync($$"""
            { "hostname": "mx.example", {{setting}} "localDomains": [ "example.net" ] }
            """);
        await using var postfix = await PeerServer.PostfixXForwardAsync(server.EndPoint);

        await RawSmtpClient.SendAsync(postfix.EndPoint, "b@example.net", SampleContent.EightBit);

        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
        var accepted = server.Output.Split('\n').Single(static line => line.Contains(" accepted from ", StringComparison.Ordinal));
        Assert.Equal(isNamed, accepted.Contains(" for [127.0.0.1]", StringComparison.Ordinal));
    }
}
