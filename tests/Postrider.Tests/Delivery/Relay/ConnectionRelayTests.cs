using System.Globalization;
using System.Net;
using System.Text;
using Postrider.Delivery;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Testing.Networks;
using Postrider.Testing.Simulations;
using Postrider.Tests.Transport.Listening;
using Postrider.Transport.Dialing;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Delivery.Relay;

/// <summary>A customer that fetches its mail by TURN from a queue, in a simulated network that breaks where it likes.</summary>
public sealed class ConnectionRelayTests
{
    private const int Messages = 6;

    [Fact]
    public void A_connection_that_is_cut_loses_nothing_and_doubles_what_was_in_doubt_alone()
    {
        var doubled = 0;
        var cuts = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var rig = new Rig(seed);
            rig.Run(async () =>
            {
                var random = new Random(seed);
                await rig.AcceptAsync(Messages);
                for (var round = 0; rig.Queue.Counts.Entries > 0; round++)
                {
                    Assert.InRange(round, 0, 5);
                    rig.Network.Faults = round > 3 ? null : _ => random.Next(2) == 0
                        ? new LinkFaults { CutAfterSent = random.Next(60, 900) }
                        : new LinkFaults { CutAfterReceived = random.Next(200, 3_000) };
                    cuts += await rig.FetchAsync() ? 0 : 1;
                    await Task.Delay(TimeSpan.FromSeconds(1), rig.Simulation.Time);
                }
            });
            Assert.Equal(Messages, rig.Taken.Distinct(StringComparer.Ordinal).Count());
            // A message that the customer has and that we were not told so is sent again, and we say that it may be.
            Assert.InRange(rig.Taken.Count - Messages, 0, rig.InDoubt);
            doubled += rig.Taken.Count - Messages;
        }
        Assert.InRange(doubled, 1, cuts);
    }

    [Fact]
    public void A_stop_lets_the_message_under_way_end_and_keeps_the_rest()
    {
        var rig = new Rig(1) { TakesTime = TimeSpan.FromSeconds(10) };
        rig.Run(async () =>
        {
            await rig.AcceptAsync(Messages);
            var fetching = rig.FetchAsync();
            await Task.Delay(TimeSpan.FromSeconds(15), rig.Simulation.Time);
            await rig.Server.StopAsync(TimeSpan.FromSeconds(30));
            Assert.True(await fetching);
            Assert.Equal(TimeSpan.FromSeconds(21), rig.Simulation.Time.Elapsed);
            Assert.Equal(2, rig.Taken.Count);
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Simulation.Time);
            Assert.Equal(Messages - 2, rig.Queue.Counts.Entries);
            Assert.Equal(0, rig.Queue.Counts.Leased);
        });
    }

    [Fact]
    public void After_the_grace_the_message_under_way_is_cut_and_stays_untried()
    {
        var rig = new Rig(1) { TakesTime = TimeSpan.FromMinutes(5), IsSlowAt = static question => question is MailQuestion };
        rig.Run(async () =>
        {
            await rig.AcceptAsync(1);
            var fetching = rig.FetchAsync();
            await Task.Delay(TimeSpan.FromSeconds(15), rig.Simulation.Time);
            await rig.Server.StopAsync(TimeSpan.FromSeconds(30));
            Assert.False(await fetching);
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Simulation.Time);
            var left = Assert.Single((await rig.Queue.ListAsync(QueueFilter.All, 10)).Entries);
            Assert.Equal(0, left.Envelope!.State.Attempts);
        });
    }

    [Fact]
    public void What_the_customer_refuses_is_reported_and_what_it_puts_off_stays()
    {
        var rig = new Rig(1)
        {
            Judge = static recipient => recipient.LocalPart switch
            {
                "user1" => Answer.Refuse(new Reply(550, new EnhancedStatusCode(5, 1, 1), "gone")),
                "user2" => Answer.Refuse(new Reply(450, new EnhancedStatusCode(4, 2, 0), "busy")),
                _ => Answer.Accept(),
            },
        };
        rig.Run(async () =>
        {
            await rig.AcceptAsync(3);
            Assert.True(await rig.FetchAsync());
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Simulation.Time);
            Assert.Equal(["Subject: 0"], rig.Taken);
            Assert.Equal(new RelayTally(3, 1, 1, 1), rig.Tally);
            // The one that waits, and the report to the sender, whose domain is the customer's too.
            var left = (await rig.Queue.ListAsync(QueueFilter.All, 10)).Entries;
            Assert.Equal(2, left.Count);
            Assert.Equal("450 4.2.0 busy", left.Where(entry => !entry.Envelope!.Envelope.ReversePath.IsNull).Select(entry => entry.Envelope!.State.Open[0].Last!).Select(last => $"{last.ReplyCode} {last.Enhanced} {last.Text}").Single());
            Assert.Equal("[192.0.2.7]", rig.Spoken);
        });
    }

    [Fact]
    public void What_the_connection_is_not_good_for_stays()
    {
        var rig = new Rig(1);
        rig.Run(async () =>
        {
            await rig.AcceptAsync(1, TlsWish.Required);
            Assert.True(await rig.FetchAsync());
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Simulation.Time);
            var left = Assert.Single((await rig.Queue.ListAsync(QueueFilter.All, 10)).Entries);
            Assert.Equal("4.7.10 The sender requires TLS, and the connection is in the clear", $"{left.Envelope!.State.Open[0].Last!.Enhanced} {left.Envelope.State.Open[0].Last!.Text}");
        });
    }

    [Fact]
    public void What_another_route_is_for_now_is_sorted_anew_and_not_sent()
    {
        var rig = new Rig(1);
        rig.Run(async () =>
        {
            await rig.AcceptAsync(2);
            rig.Router.Replace(new RoutingTable([new RouteRule(DomainPattern.Parse("customer.example"), new OnDemandTarget(new RelayTarget(new RelayHost("mx.example"))))]));
            rig.Router.Replace(new RoutingTable([new RouteRule(DomainPattern.Parse("customer.example"), new RelayTarget(new RelayHost("mx.example")))]));
            Assert.True(await rig.FetchAsync());
            Assert.Empty(rig.Taken);
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Simulation.Time);
            Assert.Equal(2, rig.Queue.Counts.Entries);
        });
    }

    /// <summary>A queue with a server before it, and a customer.</summary>
    private sealed class Rig : IQueueObserver
    {
        private static readonly IPEndPoint address = new(IPAddress.Parse("192.0.2.1"), 366);
        private static readonly ServerSettings turning = new() { Hostname = "mx.example", Extensions = SmtpExtensions.Standard.With(new TurnExtension(static _ => true)) };
        private static readonly DispatcherOptions limits = new();

        private readonly RecordingObserver deliveries = new();

        public Rig(int seed)
        {
            Simulation = new Simulation(seed);
            Network = new InMemoryNetwork(Simulation.Time, Simulation.Random) { LocalAddress = IPAddress.Parse("192.0.2.7"), FragmentReads = seed % 2 == 0 };
            Queue = new MailQueue(Spool, new MailQueueOptions { HostName = "mx.example" }, mailbox => Router.Current.Find(mailbox)?.Key, Simulation.Time, this);
            Server = new SmtpServer(Network, Simulation.Time, () => turning, _ => new TurningHandler(this));
        }

        public Simulation Simulation { get; }

        public InMemoryNetwork Network { get; }

        public MemorySpool Spool { get; } = new();

        public MailQueue Queue { get; }

        public Router Router { get; } = new(new RoutingTable([new RouteRule(DomainPattern.Parse("customer.example"), new OnDemandTarget(null))]));

        public SmtpServer Server { get; }

        /// <summary>How long the customer takes over each message.</summary>
        public TimeSpan TakesTime { get; init; }

        public Func<Question, bool> IsSlowAt { get; init; } = static question => question is EndOfMessageQuestion;

        public Func<Mailbox, Answer> Judge { get; init; } = static _ => Answer.Accept();

        /// <summary>The first lines of the messages that the customer has.</summary>
        public List<string> Taken { get; } = [];

        public RelayTally Tally { get; set; }

        /// <summary>Outcomes that say that the customer may have the message.</summary>
        public int InDoubt { get; private set; }

        public string? Spoken { get; private set; }

        public void Run(Func<Task> body) => Simulation.Run(async () =>
        {
            using var dispatcher = new Dispatcher(Router, Queue.Leases, new Dictionary<Type, IDeliveryAgent> { [typeof(RelayTarget)] = new Nowhere() }, deliveries, Simulation.Time, limits);
            await Queue.StartAsync(dispatcher);
            Server.Listen(address);
            await body();
            await Server.StopAsync(TimeSpan.Zero);
            await dispatcher.StopAsync(TimeSpan.Zero);
            Assert.True(await Queue.StopAsync(TimeSpan.FromSeconds(5)));
            await Queue.DisposeAsync();
            await Spool.DisposeAsync();
            Assert.Empty(deliveries.Failures);
        });

        public async Task AcceptAsync(int count, TlsWish tls = TlsWish.Unspecified)
        {
            for (var i = 0; i < count; i++)
            {
                var body = Queue.CreateBody();
                await body.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Subject: {i}\r\n\r\n{new string('x', i * 100)}\r\n")));
                var id = Queue.NewId();
                var envelope = new NewEnvelope
                {
                    Id = id,
                    Message = id,
                    Body = body.Id,
                    Envelope = new Envelope
                    {
                        ReversePath = new ReversePath(new Mailbox("sender", "customer.example")),
                        Recipients = [new EnvelopeRecipient(new Mailbox(string.Create(CultureInfo.InvariantCulture, $"user{i}"), "customer.example"))],
                        Tls = tls,
                    },
                    Edits = HeaderEdits.None,
                    NextHop = Router.Current.FindFetched("customer.example")!.Value.Key,
                    Arrived = Simulation.Time.GetUtcNow(),
                    State = new EntryState { Version = 1, Attempts = 0, Due = Simulation.Time.GetUtcNow(), Open = [new OpenRecipient(0, null)] },
                };
                Assert.Equal(SpoolFault.None, await Queue.AcceptAsync([body], [envelope]));
            }
            // It is found to go nowhere by itself.
            await Task.Delay(TimeSpan.FromSeconds(1), Simulation.Time);
        }

        /// <summary>Whether it went to its end.</summary>
        public async Task<bool> FetchAsync()
        {
            await using var connection = await SmtpConnection.OpenAsync(Network, address, new ClientSettings { HelloName = "customer.example" }, null, Simulation.Time);
            if (connection.Ending is not null || await connection.TurnAsync(null) is not { } transport)
                return false;
            var handler = new RecordingHandler { OnQuestion = AnswerAsync };
            await using var customer = new SmtpServer(Network, Simulation.Time, static () => turning, _ => handler);
            var end = await customer.ServeAsync(transport, new SessionFacts { IsTurned = true }, new ServerSettings { Hostname = "customer.example" });
            Taken.AddRange(handler.Accepted.Select(static text => text[..text.IndexOf('\r', StringComparison.Ordinal)]));
            return end!.Value.Reason == SessionEndReason.Closed;
        }

        public void Observe(QueueEvent happened)
        {
            if (happened is not AttemptEnded ended)
                return;
            Spoken = ended.Status.RemoteHost ?? Spoken;
            InDoubt += ended.Status.Text.Contains("may have taken", StringComparison.Ordinal) ? 1 : 0;
        }

        private async ValueTask<Answer> AnswerAsync(Question question)
        {
            if (TakesTime > TimeSpan.Zero && IsSlowAt(question))
                await Task.Delay(TakesTime, Simulation.Time);
            return question is RecipientQuestion { Recipient.Mailbox: { } mailbox } ? Judge(mailbox) : Answer.Accept();
        }

        private sealed class TurningHandler(Rig rig) : IServerSessionHandler
        {
            public ValueTask<Answer> AnswerAsync(Question question, SessionFacts facts, CancellationToken cancellationToken) => new(Answer.Accept());

            public ValueTask<Reply?> WriteBodyAsync(ReadOnlyMemory<byte> slice, CancellationToken cancellationToken) => default;

            public async ValueTask TurnAsync(TurnedConnection connection, CancellationToken cancellationToken)
            {
                await using var client = await SmtpConnection.TakeOverAsync(connection.Transport, new ClientSettings { HelloName = "mx.example" }, null, rig.Simulation.Time, cancellationToken: cancellationToken);
                var relay = new ConnectionRelay(rig.Queue.Leases, rig.Router, rig.deliveries, rig.Simulation.Time);
                var nextHop = FetchKeyOf("customer.example");
                rig.Tally = await relay.SendAsync(client, rig.Queue.Lease(new HashSet<string>([nextHop], StringComparer.Ordinal)), connection.Stopping, cancellationToken);
                await client.QuitAsync(cancellationToken);
            }

            public ValueTask AbandonMessageAsync() => default;

            public ValueTask DisposeAsync() => default;

            private static string FetchKeyOf(string domain) => new RoutingTable([new RouteRule(DomainPattern.Parse(domain), new OnDemandTarget(null))]).FindFetched(domain)!.Value.Key;
        }

        private sealed class Nowhere : IDeliveryAgent
        {
            public ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
            {
                attempt.ReportRemaining(new DeliveryStatus(DeliveryResult.Deferred, new EnhancedStatusCode(4, 4, 1), "not here"));
                return default;
            }
        }
    }
}
