using System.Collections.Immutable;
using System.Net;
using Postrider.Delivery;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Testing.Networks;
using Postrider.Testing.Simulations;
using Postrider.Tests.Transport.Dialing;
using Postrider.Transport;
using Postrider.Transport.Dialing;

namespace Postrider.Tests.Delivery.Relay;

/// <summary>One attempt of a relay agent in a simulated network, whose servers a test writes.</summary>
internal sealed class RelayRig : IHostResolver
{
    private readonly FakeLeases leases = new();
    private readonly ImmutableArray<RelayHost> hosts;
    private RelayTarget? made;
    private readonly List<IListener> listeners = [];
    private readonly List<Func<Task>> servers = [];
    private string[] recipients = [];

    public RelayRig(params string[] hosts)
    {
        Network = new InMemoryNetwork(Simulation.Time, Simulation.Random);
        this.hosts = [.. hosts.Select(host => new RelayHost(host))];
    }

    public RelayTerms Terms { get; set; } = RelayTerms.Default;

    public TlsWish Wish { get; init; }

    /// <summary>Changes what is sent, unless null.</summary>
    public Func<Envelope, Envelope>? Wishes { get; init; }

    public byte[]? Content { get; init; }

    public BodyType Body { get; init; }

    public bool SmtpUtf8 { get; init; }

    public FakeTls Tls { get; } = new();

    public Simulation Simulation { get; } = new(1);

    public InMemoryNetwork Network { get; }

    public RelayTarget Target => made ??= new RelayTarget(Terms, hosts);

    public ConnectionPool? Pool { get; private set; }

    public DeliveryAttempt? Attempt { get; private set; }

    public string Outcomes => string.Join(", ", Attempt!.Outcomes.OrderBy(outcome => outcome.Recipient).Select(outcome =>
        $"{recipients[outcome.Recipient].Split('@')[0]} {outcome.Status.Result} {outcome.Status.ReplyCode} {outcome.Status.Enhanced} {outcome.Status.Text} {outcome.Status.RemoteHost}"));

    public bool IsReportedOn => Attempt!.Outcomes[0].Status.IsReportedOn;

    public string? Protection => Attempt!.Outcomes[0].Status.Protection;

    public void Serve(string address, Func<ScriptedPeer, Task> server)
    {
        var listener = Network.Listen(new IPEndPoint(IPAddress.Parse(address), 25));
        listeners.Add(listener);
        servers.Add(AcceptAsync);

        async Task AcceptAsync()
        {
            while (await listener.AcceptAsync() is { } transport)
            {
                await using var peer = new ScriptedPeer(transport);
                await server(peer);
            }
        }
    }

    public void Deliver(params string[] to) => Deliver(Timeout.InfiniteTimeSpan, to);

    public void Deliver(TimeSpan patience, params string[] to)
    {
        recipients = to;
        Deliver(leases.Add(Target.Key, to, Content, tls: Wish, type: Body, smtpUtf8: SmtpUtf8, wishes: Wishes), patience);
    }

    public void DeliverGone()
    {
        recipients = ["b@y.example"];
        var entry = leases.Add(Target.Key, recipients);
        var envelope = leases.Envelope(entry);
        leases.Remove(entry);
        Attempt = new DeliveryAttempt(entry, envelope, Target, leases);
        Go(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Several attempts by one agent, each after a time and with a wish; gives what is said of the protection of each, or what became of it.</summary>
    public IReadOnlyList<string> DeliverInTurn(IDeliveryObserver observer, params (TimeSpan Wait, TlsWish Wish)[] turns)
    {
        recipients = ["b@y.example"];
        var said = new List<string>();
        Run(async pool =>
        {
            var agent = new RelayAgent(pool, this, new ClientSettings { HelloName = "client.example" }, Tls, Simulation.Time, observer);
            foreach (var (wait, wish) in turns)
            {
                await Task.Delay(wait, Simulation.Time);
                var entry = leases.Add(Target.Key, recipients, Content, tls: wish);
                Attempt = new DeliveryAttempt(entry, leases.Envelope(entry), Target, leases);
                await agent.DeliverAsync(Attempt, default);
                said.Add(Protection ?? Outcomes);
            }
        });
        return said;
    }

    public ValueTask<HostAddresses> ResolveAsync(string host, CancellationToken cancellationToken = default) => ValueTask.FromResult(host switch
    {
        "many.example" => new HostAddresses([.. Enumerable.Range(1, 7).Select(i => IPAddress.Parse($"192.0.2.{i}"))]),
        "gone.example" => new HostAddresses([], "no such host"),
        _ => new HostAddresses([]),
    });

    private void Deliver(DueEntry entry, TimeSpan patience)
    {
        Attempt = new DeliveryAttempt(entry, leases.Envelope(entry), Target, leases);
        Go(patience);
    }

    private void Go(TimeSpan patience) => Run(async pool =>
    {
        using var enough = new CancellationTokenSource(patience, Simulation.Time);
        var agent = new RelayAgent(pool, this, new ClientSettings { HelloName = "client.example" }, Tls, Simulation.Time);
        await agent.DeliverAsync(Attempt!, enough.Token);
    });

    private void Run(Func<ConnectionPool, Task> body) => Simulation.Run(async () =>
    {
        var serving = servers.ConvertAll(server => server());
        await using (Pool = new ConnectionPool(Network, Simulation.Time))
            await body(Pool);
        foreach (var listener in listeners)
            await listener.DisposeAsync();
        await Task.WhenAll(serving);
    });
}
