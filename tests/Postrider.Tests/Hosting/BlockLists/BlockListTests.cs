using System.Net;
using Postrider.Hosting.BlockLists;
using Postrider.Hosting.Reception;
using Postrider.Resolver;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Server;
using Postrider.Testing.Resolution;
using Postrider.Tests.Hosting.Admission;

namespace Postrider.Tests.Hosting.BlockLists;

public sealed class BlockListTests : IQuestionHandler<RecipientQuestion>
{
    private readonly FakeDns dns = new();

    [Theory]
    [InlineData("192.0.2.7", "7.2.0.192")]
    [InlineData("::ffff:192.0.2.7", "7.2.0.192")]
    [InlineData("2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2")]
    public void An_address_is_asked_for_by_its_parts_the_last_first(string address, string labels) =>
        Assert.Equal(labels, BlockListing.Reverse(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.2", true)]
    [InlineData("127.0.1.255", true)]
    [InlineData("127.255.255.254", false)] // the list refuses to say
    [InlineData("192.0.2.80", false)] // a domain that has been sold
    public async Task A_listing_is_an_address_of_127(string answer, bool isListed)
    {
        dns.Add("7.100.51.198.list.example", IPAddress.Parse(answer)).AddText("7.100.51.198.list.example", "See https://list.example/?7\r\nx");
        using var rig = new AdmissionRig(options => options.BlockLists = ["other.example", "list.example"]);
        var reply = await AskAsync(rig, "198.51.100.7");
        Assert.Equal(isListed ? "554 5.7.1 Your address is on the block list list.example: See https://list.example/?7??x" : null, reply?.ToString());
        Assert.Equal(isListed ? 1 : 0, rig.Lines.Count);
    }

    [Theory]
    [InlineData("198.51.100.7", "tim")]
    [InlineData("127.0.0.1", null)]
    public async Task Accounts_and_exempt_clients_are_not_looked_up(string client, string? account)
    {
        using var rig = new AdmissionRig(options => options.BlockLists = ["list.example"]);
        Assert.Null(await AskAsync(rig, client, account));
        Assert.Equal(0, dns.Asked);
    }

    [Fact]
    public async Task A_list_that_fails_lists_nobody()
    {
        dns.Failure = 2;
        using var rig = new AdmissionRig(options => options.BlockLists = ["list.example"]);
        Assert.Null(await AskAsync(rig, "198.51.100.7"));
        Assert.True(dns.Asked > 0);
    }

    [Fact]
    public async Task A_session_asks_once_for_each_client()
    {
        dns.Add("7.100.51.198.list.example", IPAddress.Parse("127.0.0.2"));
        using var rig = new AdmissionRig(options => options.BlockLists = ["list.example"]);
        var handler = Handler(rig);
        var session = new ReceptionSession(rig.Settings.Policy);
        foreach (var (client, isListed) in new[] { ("198.51.100.7", true), ("198.51.100.7", true), ("198.51.100.8", false) })
        {
            session.Facts = AdmissionRig.Peer(client);
            Assert.Equal(isListed, !(await handler.AnswerAsync(Question(), session)).IsAccepted);
        }
        Assert.Single(rig.Lines);
    }

    ValueTask<Answer> IQuestionHandler<RecipientQuestion>.AnswerAsync(RecipientQuestion question, ReceptionSession session) => new(Answer.Accept());

    private async Task<Postrider.Smtp.Replies.Reply?> AskAsync(AdmissionRig rig, string client, string? account = null) =>
        (await Handler(rig).AnswerAsync(Question(), new ReceptionSession(rig.Settings.Policy) { Facts = AdmissionRig.Peer(client, account) })).Reply;

    private BlockListedRecipientHandler Handler(AdmissionRig rig)
    {
        var options = new ResolverOptions { Servers = [new IPEndPoint(IPAddress.Loopback, 53)] };
        return new BlockListedRecipientHandler(new BlockListing(new DnsResolver(dns, options, rig.Time)), rig.Settings, rig.Tally, this);
    }

    private static RecipientQuestion Question() =>
        new(new ReversePath(new Mailbox("a", "b.example")), new EnvelopeRecipient(new Mailbox("c", "local.example")));
}
