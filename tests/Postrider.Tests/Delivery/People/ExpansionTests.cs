using System.Text;
using Postrider.Delivery;
using Postrider.Delivery.Local;
using Postrider.Delivery.People;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Testing.Simulations;
using Postrider.Tests.Delivery.Local;

namespace Postrider.Tests.Delivery.People;

/// <summary>Queue, dispatcher and agents together: what becomes of mail for aliases, lists, forwards and full mailboxes.</summary>
public sealed class ExpansionTests
{
    private const string Sender = "jones@sender.example";

    [Fact]
    public void Members_get_one_copy_each_and_failures_go_to_the_owner() => Run(async world =>
    {
        world.Refused = "emil@elsewhere.example";
        await world.SendAsync(Sender, ["all@example.org"]);
        await world.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("anna bob dora", world.Mailboxes());
        Assert.Equal("bob@elsewhere.example by anna@example.org", Assert.Single(world.Relayed));
        // The owner of the list that Emil is on is told, and nobody else; it came back as mail for her.
        Assert.Equal(2, world.Disk.Files().Count(static file => file.Path.StartsWith("/mail/example.org/anna/", StringComparison.Ordinal)));
        Assert.Contains(world.Disk.Files(), static file => Text(file.Content).Contains("Final-Recipient: rfc822; emil@elsewhere.example", StringComparison.Ordinal));
        Assert.Contains(world.Disk.Files(), static file => Text(file.Content).StartsWith("Return-Path: <anna@example.org>\nDelivered-To: all@example.org\nSubject: test\n", StringComparison.Ordinal));
        Assert.Equal(0, world.Queue.Counts.Entries);
    });

    [Fact]
    public void An_alias_keeps_the_sender_and_a_forward_its_copy() => Run(async world =>
    {
        await world.SendAsync(Sender, ["bob@example.org", "fritz@example.com", "carl@example.org"]);
        await world.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("bob", world.Mailboxes());
        Assert.Equal($"bob@elsewhere.example by {Sender}|carl@elsewhere.example by {Sender}|fritz@new.example by {Sender}", string.Join('|', world.Relayed.Order(StringComparer.Ordinal)));
    });

    [Fact]
    public void A_report_to_a_list_keeps_the_null_sender() => Run(async world =>
    {
        await world.SendAsync("", ["team@example.org"]);
        await world.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("bob@elsewhere.example by |emil@elsewhere.example by ", string.Join('|', world.Relayed));
    });

    [Fact]
    public void A_message_that_comes_back_to_an_address_goes_to_its_sender() => Run(async world =>
    {
        await world.SendAsync("anna@example.org", ["fritz@example.org", "info@example.org"], "Received: x\r\nDELIVERED-TO: Fritz@Example.org\r\nSubject: test\r\n\r\nDelivered-To: info@example.org\r\n");
        await world.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("bob@elsewhere.example by anna@example.org", Assert.Single(world.Relayed));
        Assert.Contains(world.Disk.Files(), static file => Text(file.Content).Contains("Status: 5.4.6", StringComparison.Ordinal));
    });

    [Fact]
    public void Whoever_has_gone_meanwhile_is_reported() => Run(async world =>
    {
        await world.SendAsync("anna@example.org", ["nobody@example.org", "gerda@example.org", "gone@example.org", "lock@example.org"]);
        await world.PassAsync(TimeSpan.FromMinutes(1));
        var report = Text(Assert.Single(world.Disk.Files()).Content);
        Assert.Contains("Status: 5.1.1", report, StringComparison.Ordinal);
        Assert.Contains("Status: 5.1.6", report, StringComparison.Ordinal);
        Assert.Contains("Status: 5.2.1", report, StringComparison.Ordinal);
        Assert.DoesNotContain("lock@example.org", report, StringComparison.Ordinal);
        Assert.Equal(1, world.Queue.Counts.Waiting);
    });

    [Fact]
    public void A_mailbox_that_fills_up_defers_until_its_reader_makes_room() => Run(
        async world =>
        {
            for (var i = 0; i < 3; i++)
                await world.SendAsync(Sender, ["anna@example.org"]);
            await world.PassAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(2, world.Disk.Files().Count());
            Assert.Equal(1, world.Queue.Counts.Waiting);
            world.Disk.Delete(world.Disk.Files().First().Path);
            await world.PassAsync(TimeSpan.FromHours(1));
            Assert.Equal(2, world.Disk.Files().Count());
            Assert.Equal(0, world.Queue.Counts.Entries);
        },
        new MailboxQuota(0, 2));

    [Theory]
    [InlineData(60, 0, "5.2.3")]
    [InlineData(150, 0, "5.2.2")]
    public void Where_it_is_set_so_mail_over_the_quota_is_returned(long octets, int messages, string status) => Run(
        async world =>
        {
            await world.SendAsync("dora@example.com", ["anna@example.org"]);
            await world.SendAsync("dora@example.com", ["anna@example.org"]);
            await world.PassAsync(TimeSpan.FromMinutes(1));
            Assert.Contains(world.Disk.Files(), file => file.Path.Contains("/dora/", StringComparison.Ordinal) && Text(file.Content).Contains($"Status: {status}", StringComparison.Ordinal));
            Assert.Equal(0, world.Queue.Counts.Entries);
        },
        new MailboxQuota(octets, messages, IsFinal: true));

    [Fact]
    public void What_a_sender_wants_to_be_told_goes_with_an_alias_and_ends_at_a_list() => Run(async world =>
    {
        world.Offered = [];
        await world.SendAsync(Sender, [new EnvelopeRecipient(SamplePeople.Mailbox("carl@example.org")) { Notify = Notifications.Success }]);
        await world.SendAsync(Sender, [new EnvelopeRecipient(SamplePeople.Mailbox("bob@example.org")) { Notify = Notifications.Success | Notifications.Failure }]);
        await world.SendAsync(Sender, [new EnvelopeRecipient(SamplePeople.Mailbox("team@example.org")) { Notify = Notifications.Never }]);
        await world.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(
            "bob@elsewhere.example Failure|bob@elsewhere.example Unspecified|carl@elsewhere.example Success|emil@elsewhere.example Unspecified",
            string.Join('|', world.Offered.Where(static one => one.Mailbox.Domain != "sender.example").Select(static one => $"{one.Mailbox} {one.Notify}").Order(StringComparer.Ordinal)));
    });

    private static string Text(byte[] content) => Encoding.UTF8.GetString(content);

    private static void Run(Func<World, Task> body, MailboxQuota quota = default)
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            await using var world = new World(simulation, SamplePeople.Routes(SamplePeople.Book(quota)));
            await world.StartAsync();
            await body(world);
            Assert.Empty(world.Failures);
        });
    }

    private sealed class World : IDeliveryAgent, IAsyncDisposable
    {
        private readonly Simulation simulation;
        private readonly RoutingTable routes;
        private readonly Dispatcher dispatcher;
        private readonly RecordingObserver observer = new();

        public World(Simulation simulation, RoutingTable routes)
        {
            this.simulation = simulation;
            this.routes = routes;
            Queue = new MailQueue(new MemorySpool(), new MailQueueOptions { HostName = "mx.example.org" }, routes.NextHopKey, simulation.Time);
            dispatcher = new Dispatcher(
                new Router(routes),
                Queue.Leases,
                new Dictionary<Type, IDeliveryAgent>
                {
                    [typeof(MaildirTarget)] = new MaildirAgent(Disk, simulation.Time, new MaildirOptions { HostName = "mx.example.org" }),
                    [typeof(ExpansionTarget)] = new ExpansionAgent(),
                    [typeof(RelayTarget)] = this,
                },
                observer,
                simulation.Time);
        }

        public CrashableDisk Disk { get; } = new();

        public MailQueue Queue { get; }

        public List<string> Relayed { get; } = [];

        public List<EnvelopeRecipient>? Offered { get; set; }

        public string? Refused { get; set; }

        public IReadOnlyList<Exception> Failures => observer.Failures;

        public Task StartAsync() => Queue.StartAsync(dispatcher);

        public Task PassAsync(TimeSpan time) => Task.Delay(time, simulation.Time);

        public string Mailboxes() => string.Join(' ', Disk.Files().Select(static file => file.Path.Split('/')[3]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

        public Task SendAsync(string sender, string[] recipients, string content = "Subject: test\r\n\r\nIt is only a test, of forty octets\r\n") =>
            SendAsync(sender, [.. recipients.Select(static text => new EnvelopeRecipient(SamplePeople.Mailbox(text)))], content);

        public async Task SendAsync(string sender, EnvelopeRecipient[] recipients, string content = "Subject: test\r\n\r\n")
        {
            var body = Queue.CreateBody();
            await body.WriteAsync(Encoding.ASCII.GetBytes(content));
            var message = Queue.NewId();
            var now = simulation.Time.GetUtcNow();
            var envelopes = recipients.GroupBy(routes.NextHopKey, StringComparer.Ordinal).Select(hop => new NewEnvelope
            {
                Id = Queue.NewId(),
                Message = message,
                Body = body.Id,
                Envelope = new Envelope { ReversePath = new ReversePath(sender.Length == 0 ? null : SamplePeople.Mailbox(sender)), Recipients = [.. hop] },
                Edits = HeaderEdits.None,
                NextHop = hop.Key,
                Arrived = now,
                State = new EntryState { Version = 1, Attempts = 0, Due = now, Open = [.. hop.Select(static (_, i) => new OpenRecipient(i, null))] },
            }).ToList();
            Assert.Equal(SpoolFault.None, await Queue.AcceptAsync([body], envelopes));
        }

        public ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
        {
            foreach (var open in attempt.Open)
            {
                var mailbox = attempt.Recipient(open.Index).Mailbox.ToString();
                Offered?.Add(attempt.Recipient(open.Index));
                if (mailbox == Refused)
                {
                    attempt.Report(open.Index, new DeliveryStatus(DeliveryResult.Failed, new EnhancedStatusCode(5, 1, 1), "No such user", 550, "elsewhere.example"));
                    continue;
                }
                attempt.Report(open.Index, new DeliveryStatus(DeliveryResult.Relayed, new EnhancedStatusCode(2, 0, 0), "Ok", 250, "elsewhere.example"));
                Relayed.Add($"{mailbox} by {attempt.Envelope.Envelope.ReversePath}");
            }
            return default;
        }

        public async ValueTask DisposeAsync()
        {
            dispatcher.Dispose();
            await Queue.DisposeAsync();
        }
    }
}
