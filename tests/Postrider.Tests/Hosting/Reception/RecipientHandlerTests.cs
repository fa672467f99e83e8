using System.Net;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Hosting.Reception;

public sealed class RecipientHandlerTests
{
    [Theory]
    [InlineData("192.0.2.7", "a@local.example", null)]
    [InlineData("192.0.2.7", "a@LOCAL.example", null)]
    [InlineData("192.0.2.7", "a@routed.example", null)]
    [InlineData("192.0.2.7", "postmaster", null)]
    [InlineData("192.0.2.7", "a@elsewhere.example", "550 5.7.1")]
    [InlineData("192.0.2.7", "a@sub.local.example", "550 5.7.1")]
    [InlineData("192.0.2.7", "a@[192.0.2.9]", "550 5.7.1")]
    [InlineData("192.0.2.7", "a%elsewhere.example@local.example", null)]
    [InlineData("127.0.0.1", "a@elsewhere.example", null)]
    [InlineData("::ffff:127.0.0.1", "a@elsewhere.example", null)]
    [InlineData("::1", "a@elsewhere.example", null)]
    [InlineData("10.255.0.1", "a@elsewhere.example", null)]
    [InlineData("11.0.0.1", "a@elsewhere.example", "550 5.7.1")]
    [InlineData("fe80::1%4", "a@elsewhere.example", "550 5.7.1")]
    public async Task Only_clients_that_may_relay_send_to_domains_that_no_route_names(string client, string recipient, string? refusal)
    {
        await using var rig = new ReceptionRig(new MemorySpool(), IPAddress.Parse(client));
        var reply = await rig.AskRecipientAsync(recipient);
        if (refusal is null)
            Assert.Null(reply);
        else
            Assert.StartsWith(refusal, reply!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_smarthost_a_client_that_may_relay_is_told_that_there_is_no_route()
    {
        await using var rig = new ReceptionRig(new MemorySpool(), IPAddress.Loopback, hasSmarthost: false);
        Assert.StartsWith("550 5.4.4", (await rig.AskRecipientAsync("a@elsewhere.example"))!.ToString(), StringComparison.Ordinal);
        rig.Facts = rig.Facts with { PeerAddress = IPAddress.Parse("192.0.2.7") };
        Assert.StartsWith("550 5.7.1", (await rig.AskRecipientAsync("a@elsewhere.example"))!.ToString(), StringComparison.Ordinal);
    }
}
