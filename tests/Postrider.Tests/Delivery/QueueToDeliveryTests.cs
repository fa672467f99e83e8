using System.Globalization;
using System.Text;
using Postrider.Delivery;
using Postrider.Delivery.Local;
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

namespace Postrider.Tests.Delivery;

/// <summary>The queue, the dispatcher and the agents together, on a clock and a disk of the test's own.</summary>
public sealed class QueueToDeliveryTests
{
    private static readonly MaildirTarget Mail = new("/mail");
    private static readonly RelayTarget Dead = new(new RelayHost("dead.example"));
    private static readonly RelayTarget Live = new(new RelayHost("live.example"));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_recipient_is_served_once_though_a_site_is_down_and_routes_change(int seed)
    {
        var simulation = new Simulation(seed);
        simulation.Run(async () =>
        {
            var router = new Router(Table(Dead));
            var observer = new RecordingObserver();
            var relay = new Relay(simulation.Time);
            var disk = new CrashableDisk();
            await using var spool = new MemorySpool();
            await using var queue = new MailQueue(
                spool, new MailQueueOptions { HostName = "mx.example.org" }, mailbox => router.Current.Find(mailbox)?.Key, simulation.Time);
            using var dispatcher = new Dispatcher(
                router,
                queue.Leases,
                new Dictionary<Type, IDeliveryAgent>
                {
                    [typeof(RelayTarget)] = relay,
                    [typeof(MaildirTarget)] = new MaildirAgent(disk, simulation.Time, new MaildirOptions { HostName = "mx.example.org" }),
                },
                observer,
                simulation.Time,
                new DispatcherOptions { Remote = new SiteOptions { MaxAttempts = 5, MaxReady = 20 } });
            await queue.StartAsync(dispatcher);
            for (var i = 0; i < 100; i++)
                await AcceptAsync(queue, simulation.Time, router.Current, i);

            // Local mail is there within the second, though fifty messages hang at a dead relay.
            await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
            Assert.Equal(100, disk.Files().Count());
            Assert.Empty(relay.Taken);

            await Task.Delay(TimeSpan.FromHours(1), simulation.Time);
            Assert.True(relay.Failures < 50, $"{relay.Failures} attempts at a site that is down.");
            router.Replace(Table(Live));
            await Task.Delay(TimeSpan.FromHours(8), simulation.Time);

            Assert.Equal(0, queue.Counts.Entries);
            Assert.Equal(100, disk.Files().Count());
            Assert.Equal(100, relay.Taken.Count);
            Assert.Equal(100, relay.Taken.Distinct(StringComparer.Ordinal).Count());
            Assert.Empty(observer.Failures);
            Assert.Equal(0, await dispatcher.StopAsync(TimeSpan.FromSeconds(1)));
            Assert.True(await queue.StopAsync(TimeSpan.FromSeconds(1)));
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mail_on_demand_waits_until_it_is_asked_for_however_often_that_fails(int seed)
    {
        const string Key = "for:remote.test/on-demand:";
        var simulation = new Simulation(seed);
        simulation.Run(async () =>
        {
            var router = new Router(Table(new OnDemandTarget(Dead)));
            var relay = new Relay(simulation.Time);
            await using var queue = new MailQueue(
                new MemorySpool(), new MailQueueOptions { HostName = "mx.example.org" }, mailbox => router.Current.Find(mailbox)?.Key, simulation.Time);
            using var dispatcher = new Dispatcher(
                router,
                queue.Leases,
                new Dictionary<Type, IDeliveryAgent>
                {
                    [typeof(RelayTarget)] = relay,
                    [typeof(MaildirTarget)] = new MaildirAgent(new CrashableDisk(), simulation.Time, new MaildirOptions { HostName = "mx.example.org" }),
                },
                new RecordingObserver(),
                simulation.Time);
            await queue.StartAsync(dispatcher);
            for (var i = 0; i < 30; i++)
                await AcceptAsync(queue, simulation.Time, router.Current, i);
            await Task.Delay(TimeSpan.FromHours(30), simulation.Time);
            Assert.Equal((30, 0), (queue.CountOf(Key)!.Entries, relay.Failures));

            // It is asked for, and the host cannot be reached: it waits again, and is not tried for hours.
            await AskAsync();
            await Task.Delay(TimeSpan.FromHours(10), simulation.Time);
            var failures = relay.Failures;
            Assert.InRange(failures, 1, 30);
            await Task.Delay(TimeSpan.FromHours(10), simulation.Time);
            Assert.Equal((30, failures), (queue.CountOf(Key)!.Entries, relay.Failures));

            router.Replace(Table(new OnDemandTarget(Live)));
            await AskAsync();
            await Task.Delay(TimeSpan.FromMinutes(1), simulation.Time);
            Assert.Equal(30, relay.Taken.Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(30, relay.Taken.Count);
            // What comes while it is there goes at once.
            await AcceptAsync(queue, simulation.Time, router.Current, 30);
            await Task.Delay(TimeSpan.FromSeconds(5), simulation.Time);
            Assert.Equal(31, relay.Taken.Count);
            Assert.Equal(0, queue.Counts.Entries);

            Task AskAsync()
            {
                dispatcher.Reopen(Key);
                return queue.RetryAllAsync(Key);
            }
        });
    }

    [Theory]
    [InlineData(20)]
    [InlineData(1000)]
    public void Urgent_mail_overtakes_what_waits_at_a_slow_site_and_in_the_queue(int mostReady)
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            var router = new Router(Table(Live));
            var relay = new Relay(simulation.Time);
            await using var spool = new MemorySpool();
            await using var queue = new MailQueue(
                spool, new MailQueueOptions { HostName = "mx.example.org" }, mailbox => router.Current.Find(mailbox)?.Key, simulation.Time);
            using var dispatcher = new Dispatcher(
                router,
                queue.Leases,
                new Dictionary<Type, IDeliveryAgent> { [typeof(RelayTarget)] = relay, [typeof(MaildirTarget)] = relay },
                new RecordingObserver(),
                simulation.Time,
                new DispatcherOptions { Remote = new SiteOptions { MaxAttempts = 1, FirstAttempts = 1, MinReady = mostReady, MaxReady = mostReady } });
            await queue.StartAsync(dispatcher);
            for (var i = 0; i < 100; i++)
                await AcceptAsync(queue, simulation.Time, router.Current, i, -4);
            await Task.Delay(TimeSpan.FromSeconds(21), simulation.Time);
            var before = relay.Remote.Count;
            for (var i = 100; i < 109; i++)
                await AcceptAsync(queue, simulation.Time, router.Current, i, 4);
            await Task.Delay(TimeSpan.FromSeconds(60), simulation.Time);
            var since = relay.Remote.Skip(before).Take(16).ToList();
            // One may be under way; then three of four are urgent, and the others have not stopped.
            Assert.InRange(since.FindLastIndex(IsUrgent), 8, 14);
            Assert.Equal(9, since.Count(IsUrgent));
            await Task.Delay(TimeSpan.FromHours(1), simulation.Time);
            Assert.Equal(0, queue.Counts.Entries);
            Assert.Equal(109, relay.Remote.Count);
        });

        static bool IsUrgent(string recipient) => int.Parse(recipient[4..recipient.IndexOf('@', StringComparison.Ordinal)], CultureInfo.InvariantCulture) >= 100;
    }

    private static RoutingTable Table(RouteTarget smarthost) =>
        new([new RouteRule(DomainPattern.Parse("local.test"), Mail)], smarthost);

    private static async Task AcceptAsync(MailQueue queue, TimeProvider time, RoutingTable routes, int number, sbyte? priority = null)
    {
        Mailbox[] recipients = [new($"user{number % 7}", "local.test"), new($"user{number}", "remote.test")];
        var body = queue.CreateBody();
        await body.WriteAsync(Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\ntext\r\n"));
        var message = queue.NewId();
        var envelopes = recipients.GroupBy(mailbox => routes.NextHopKey(mailbox), StringComparer.Ordinal).Select(group => new NewEnvelope
        {
            Id = queue.NewId(),
            Message = message,
            Body = body.Id,
            Envelope = new Envelope
            {
                ReversePath = new ReversePath(new Mailbox("sender", "local.test")),
                Recipients = [.. group.Select(recipient => new EnvelopeRecipient(recipient))],
                Priority = priority,
            },
            Edits = HeaderEdits.None,
            NextHop = group.Key,
            Arrived = time.GetUtcNow(),
            State = new EntryState
            {
                Version = 1,
                Attempts = 0,
                Due = time.GetUtcNow(),
                Open = [.. group.Select((_, index) => new OpenRecipient(index, null))],
            },
        }).ToList();
        Assert.Equal(SpoolFault.None, await queue.AcceptAsync([body], envelopes));
    }

    private sealed class Relay(TimeProvider time) : IDeliveryAgent
    {
        public List<string> Taken { get; } = [];

        public IReadOnlyList<string> Remote => Taken.FindAll(static recipient => recipient.EndsWith("@remote.test", StringComparison.Ordinal));

        public int Failures { get; private set; }

        public async ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), time, cancellationToken);
            if (attempt.Target.Key == Dead.Key)
            {
                Failures++;
                attempt.ReportRemaining(new DeliveryStatus(DeliveryResult.Deferred, new EnhancedStatusCode(4, 4, 1), "Connection refused"));
                attempt.ReportSite(SiteCondition.Unreachable, "Connection refused");
                return;
            }
            foreach (var open in attempt.Open)
            {
                Taken.Add(attempt.Recipient(open.Index).Mailbox.ToString());
                attempt.Report(open.Index, new DeliveryStatus(DeliveryResult.Relayed, new EnhancedStatusCode(2, 0, 0), "Ok", 250, "live.example"));
            }
        }
    }
}
