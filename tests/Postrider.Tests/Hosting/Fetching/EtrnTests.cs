using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Events;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Reception;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Testing.Simulations;
using Postrider.Tests.Queue.Scheduling;

namespace Postrider.Tests.Hosting.Fetching;

public sealed class EtrnTests
{
    [Fact]
    public void The_queue_is_started_for_eight_domains_at_a_time() => Run(async rig =>
    {
        for (var i = 0; i < 9; i++)
            await rig.QueueAsync($"d{i}.many.example");
        var replies = new List<Reply>();
        for (var i = 0; i < 9; i++)
            replies.Add(await rig.AskAsync($"d{i}.many.example"));
        Assert.Equal(ReplyCatalogue.CannotQueue.With("d8.many.example").Lines, replies[8].Lines);
        Assert.All(replies.Take(8), static reply => Assert.Equal(253, reply.Code));
        await rig.UntilAsync(() => rig.Dispatched.Count == 8);
        Assert.Equal(253, (await rig.AskAsync("d8.many.example")).Code);
    });

    [Fact]
    public void It_is_started_again_for_a_domain_after_ten_seconds() => Run(async rig =>
    {
        await rig.QueueAsync("one.example");
        Assert.Equal("OK, 1 pending messages for node one.example started", (await rig.AskAsync("one.example")).Lines[0]);
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
        await rig.PassAsync(TimeSpan.FromSeconds(9));
        Assert.Equal(250, (await rig.AskAsync("one.example")).Code);
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(253, (await rig.AskAsync("one.example")).Code);
        await rig.UntilAsync(() => rig.Dispatched.Count == 2);
    });

    [Fact]
    public void Mail_of_others_with_the_same_host_is_left_alone() => Run(async rig =>
    {
        await rig.QueueAsync("one.example");
        await rig.QueueAsync("a.many.example");
        await rig.QueueAsync("elsewhere.example");
        Assert.Equal(253, (await rig.AskAsync("one.example")).Code);
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
        await rig.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("for:one.example/relay:host.example:25", Assert.Single(rig.Dispatched).NextHop);
        Assert.Equal(["for:one.example/relay:host.example:25"], rig.Opened);
    });

    [Fact]
    public void A_domain_of_U_labels_is_asked_for_in_A_labels() => Run(async rig =>
    {
        await rig.QueueAsync("bücher.example");
        Assert.Equal("OK, 1 pending messages for node xn--bcher-kva.example started", (await rig.AskAsync("xn--bcher-kva.example")).Lines[0]);
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
    });

    [Fact]
    public void The_subdomains_are_those_that_the_peer_may_fetch() => Run(async rig =>
    {
        await rig.QueueAsync("a.many.example");
        await rig.QueueAsync("b.c.many.example");
        await rig.QueueAsync("one.example");
        await rig.QueueAsync("secret.example");
        Assert.Equal("OK, 2 pending messages for node @many.example started", (await rig.AskAsync("@many.example")).Lines[0]);
        Assert.Equal("OK, 3 pending messages for node @example started", (await rig.AskAsync("@example")).Lines[0]);
        Assert.Equal("OK, 1 pending messages for node @c.many.example started", (await rig.AskAsync("@c.many.example")).Lines[0]);
        Assert.Equal(459, (await rig.AskAsync("many.example")).Code);
        Assert.Equal(459, (await rig.AskAsync("secret.example")).Code);
        Assert.Equal(459, (await rig.AskAsync("@secret.example")).Code);
        Assert.Equal(459, (await rig.AskAsync(new string('x', 64) + ".many.example")).Code);
    });

    [Fact]
    public void What_is_held_is_not_counted_and_not_started() => Run(async rig =>
    {
        var id = await rig.QueueAsync("one.example");
        await rig.Queue.HoldAsync(id, "looks odd");
        Assert.Equal(251, (await rig.AskAsync("one.example")).Code);
        await rig.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(rig.Dispatched);
    });

    [Fact]
    public void An_address_alone_is_not_told_how_much_there_is() => Run(async rig =>
    {
        await rig.QueueAsync("net.example");
        rig.ComeFrom("192.0.2.1");
        Assert.Equal(252, (await rig.AskAsync("net.example")).Code);
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
    });

    private static void Run(Func<Rig, Task> body)
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            await using var rig = new Rig(simulation);
            await rig.Queue.StartAsync(rig);
            await body(rig);
        });
    }

    // A queue whose entries wait for an hour, and what ETRN makes due of them.
    private sealed class Rig : IDispatcher, IAsyncDisposable
    {
        private readonly Simulation simulation;
        private readonly RoutingTable routes;
        private readonly EtrnHandler handler;
        private readonly ReceptionSession session;

        public Rig(Simulation simulation)
        {
            this.simulation = simulation;
            var rights = new FetchOptionsCheck((path, reason) => Assert.Fail($"{path}: {reason}")).Freeze(
            [
                new FetchOptions { Domains = ["one.example", "*.many.example", "bücher.example"], Accounts = ["joe"] },
                new FetchOptions { Domains = ["secret.example"], Accounts = ["ann"] },
                new FetchOptions { Domains = ["net.example"], Networks = ["192.0.2.1"] },
            ]);
            routes = new RoutingTable([], new RelayTarget(new RelayHost("host.example")), fetched: rights.Domains);
            Queue = new MailQueue(new MemorySpool(), new MailQueueOptions { HostName = "mx.example" }, static _ => null, simulation.Time);
            handler = new EtrnHandler(new WaitingMail(Queue, new Router(routes), Opened.Add), new ReceptionLog(NullLogger<ReceptionLog>.Instance), simulation.Time);
            session = new ReceptionSession(new ReceptionPolicy("mx.example", routes, []) { Fetching = rights })
            {
                Facts = new SessionFacts { PeerAddress = IPAddress.Parse("192.0.2.9"), Account = "joe" },
            };
        }

        public MailQueue Queue { get; }

        public List<DueEntry> Dispatched { get; } = [];

        public List<string> Opened { get; } = [];

        public void ComeFrom(string address) => session.Facts = new SessionFacts { PeerAddress = IPAddress.Parse(address) };

        // The handler answers at once: nothing else runs before this is done.
        public async Task<Reply> AskAsync(string node) =>
            (await handler.AnswerAsync(new EtrnQuestion(node.TrimStart('@'), node.StartsWith('@')), session)).Reply!;

        public async Task<SpoolId> QueueAsync(string domain)
        {
            var now = simulation.Time.GetUtcNow();
            var recipient = string.Create(CultureInfo.InvariantCulture, $"b@{domain}");
            var body = Queue.CreateBody();
            await body.WriteAsync("Subject: x\r\n\r\n"u8.ToArray());
            var envelope = QueueRig.Envelope(Queue.NewId(), body.Id, "a@sender", routes.NextHopKey(QueueRig.Mailbox(recipient)), now, recipient);
            await Queue.AcceptAsync([body], [envelope with { State = envelope.State with { Due = now + TimeSpan.FromHours(1) } }]);
            return envelope.Id;
        }

        // It is not tried: the next ETRN finds it waiting.
        public void Dispatch(DueEntry entry)
        {
            Dispatched.Add(entry);
            Queue.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromHours(1), "not here");
        }

        public Task PassAsync(TimeSpan time) => Task.Delay(time, simulation.Time);

        public async Task UntilAsync(Func<bool> isSo)
        {
            while (!isSo())
                await PassAsync(TimeSpan.FromMilliseconds(10));
        }

        public ValueTask DisposeAsync() => Queue.DisposeAsync();
    }
}
