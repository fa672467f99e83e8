using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>OpenSMTPD under TLS, as server and as client.</summary>
public sealed class OpenSmtpdTlsTests
{
    [Fact]
    public async Task Where_TLS_is_broken_mail_goes_in_the_clear_if_it_may_and_the_log_says_so_once()
    {
        await using var openSmtpd = await PeerServer.OpenSmtpdBrokenTlsAsync();
        await using var server = await StartAsync(openSmtpd, "opportunistic");

        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);
        SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(openSmtpd.Box));
        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.LongLines);
        await Maildir.ReadAsync(openSmtpd.Box, 2);

        await Eventually.TrueAsync(() => Count(server.Output, " relayed from ") == 2, () => server.Output);
        Assert.Equal(1, Count(server.Output, "does not come about"));
        Assert.Equal(2, Count(server.Output, "in the clear, since: The TLS handshake failed"));
    }

    [Theory]
    [InlineData("required")]
    [InlineData("verified")]
    public async Task Where_TLS_is_broken_mail_waits_that_needs_it(string tls)
    {
        await using var openSmtpd = await PeerServer.OpenSmtpdBrokenTlsAsync();
        await using var server = await StartAsync(openSmtpd, tls);
        await RawSmtpClient.SendAsync(server.EndPoint, "b@example.net", SampleContent.EightBit);
        await Eventually.TrueAsync(() => Count(server.Output, "4.7.5 The TLS handshake failed") > 1, () => server.Output);
        Assert.Equal(0, Count(server.Output, "does not come about"));
        Assert.False(Directory.Exists(Path.Combine(openSmtpd.Box, "new")) && Directory.GetFiles(Path.Combine(openSmtpd.Box, "new")).Length > 0, "It has arrived.");
    }

    [Theory]
    [InlineData("offered", "smtp+tls")]
    [InlineData("required", "smtp+tls")]
    [InlineData("implicit", "smtps")]
    public async Task What_it_relays_under_TLS_arrives_unchanged(string tls, string scheme)
    {
        await using var sandbox = await TlsSandbox.StartAsync(tls);
        await using var openSmtpd = await PeerServer.OpenSmtpdRelayAsync($"{scheme}://127.0.0.1:{sandbox.Port}");

        await RawSmtpClient.SendAsync(openSmtpd.EndPoint, "b@example.net", SampleContent.EightBit);

        var arrived = await Maildir.ReadOneAsync(sandbox.Process.Mailbox("b@example.net"));
        SampleContent.AssertUnchanged(SampleContent.EightBit, arrived);
        Assert.Contains(" with ESMTPS (TLSv1.3 ", Encoding.Latin1.GetString(arrived), StringComparison.Ordinal);
    }

    private static Task<ServerProcess> StartAsync(PeerServer openSmtpd, string tls) => ServerProcess.StartAsync($$"""
        {
          "hostname": "relay.example",
          "smarthost": { "to": "localhost:{{openSmtpd.EndPoint.Port}}", "tls": "{{tls}}", "authorities": "{{openSmtpd.Certificate}}" },
          "retry": { "after": ["1s"] },
        }
        """);

    private static int Count(string output, string text) => output.Split(text).Length - 1;
}
