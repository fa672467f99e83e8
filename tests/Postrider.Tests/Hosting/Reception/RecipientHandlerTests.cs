using System.Net;
using Postrider.Queue.Spool;
using Postrider.Smtp.Server;

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
    [InlineData("192.0.2.7", "a%elsewhere.example@local.example", "550 5.7.1")]
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

    // The probes of an open relay as they are written (RFC 5321 §4.1.3, appendix C; nmap's smtp-open-relay): null where
    // the session refuses them as addresses before policy is asked.
    [Theory]
    [InlineData("<b@elsewhere.example>", "550 5.7.1")]
    [InlineData("<@local.example:b@elsewhere.example>", "550 5.7.1")]
    [InlineData("<@mx.example.org,@local.example:b@elsewhere.example>", "550 5.7.1")]
    [InlineData("<b%elsewhere.example@local.example>", "550 5.7.1")]
    [InlineData("<b%elsewhere.example@routed.example>", "550 5.7.1")]
    [InlineData("<b%elsewhere.example@[192.0.2.1]>", "550 5.7.1")]
    [InlineData("<\"b@elsewhere.example\"@local.example>", "550 5.7.1")]
    [InlineData("<\"b%elsewhere.example\"@local.example>", "550 5.7.1")]
    [InlineData("<\"b\\@elsewhere.example\"@local.example>", "550 5.7.1")]
    [InlineData("<elsewhere.example!b@local.example>", "550 5.7.1")]
    [InlineData("<elsewhere.example!b@[127.0.0.1]>", "550 5.7.1")]
    [InlineData("<b@[127.0.0.1]>", "550 5.7.1")]
    [InlineData("<b@[IPv6:::1]>", "550 5.7.1")]
    [InlineData("<b@localhost>", "550 5.7.1")]
    [InlineData("<b@mx.example.org>", "550 5.7.1")]
    [InlineData("<b@local.example.elsewhere.example>", "550 5.7.1")]
    [InlineData("<b@elsewhere.example@local.example>", null)]
    [InlineData("<\"b@elsewhere.example\">", null)]
    [InlineData("<b%elsewhere.example>", null)]
    [InlineData("<elsewhere.example!b>", null)]
    [InlineData("<b@local.example@elsewhere.example>", null)]
    [InlineData("<b@elsewhere.example >", null)]
    public async Task Nobody_from_outside_is_relayed_for(string probe, string? refusal)
    {
        var read = Postrider.Smtp.Addresses.AddressParser.TryParseForwardPath(
            System.Text.Encoding.ASCII.GetBytes(probe), Postrider.Smtp.Addresses.AddressLimits.Rfc5321, out var mailbox, out _, out _);
        Assert.Equal(refusal is not null, read);
        if (!read)
            return;
        await using var rig = new ReceptionRig(new MemorySpool(), IPAddress.Parse("192.0.2.7"));
        var question = new RecipientQuestion(Postrider.Smtp.Addresses.ReversePath.Null, new Postrider.Smtp.Envelopes.EnvelopeRecipient(mailbox!));
        Assert.StartsWith(refusal!, (await rig.AskAsync(question)).Reply!.ToString(), StringComparison.Ordinal);

        // Who has logged in may send to other domains, and is told what is wrong with the rest.
        rig.Facts = rig.Facts with { Account = "tim" };
        var reply = (await rig.AskAsync(question)).Reply?.ToString();
        Assert.False(reply?.StartsWith("550 5.7.1", StringComparison.Ordinal) == true);
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
