using System.Net;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Testing.Networks;
using Postrider.Testing.Simulations;
using Postrider.Testing.Timing;
using Postrider.Transport.Listening;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Listening;

/// <summary>A server in a simulation, with all that can be seen of it from outside.</summary>
internal sealed class ServerRig : IServerObserver, IConnectionAdmission
{
    private static readonly IPEndPoint Address = new(IPAddress.Parse("192.0.2.1"), 25);

    private readonly Func<RecordingHandler> makeHandler;

    private ServerRig(Simulation simulation, InMemoryNetwork network, Func<RecordingHandler> makeHandler)
    {
        this.makeHandler = makeHandler;
        Simulation = simulation;
        Network = network;
        Recording = new RecordingNetwork(network);
        Server = new SmtpServer(Recording, simulation.Time, () => Settings, Make, this) { Admission = this };
    }

    public Simulation Simulation { get; }

    public ManualTime Time => Simulation.Time;

    public InMemoryNetwork Network { get; }

    public RecordingNetwork Recording { get; }

    public SmtpServer Server { get; }

    public ServerSettings Settings { get; set; } = new() { Hostname = "mx.example" };

    public List<RecordingHandler> Handlers { get; } = [];

    public List<SessionEnd> Ends { get; } = [];

    public List<Exception> Failures { get; } = [];

    public List<TlsFailure> TlsFailures { get; } = [];

    public List<Reply> TurnedAwayWith { get; } = [];

    public List<string> Refused { get; } = [];

    public static void Run(Func<ServerRig, Task> body, Func<RecordingHandler>? handler = null, int seed = 1, bool fragment = false, int bufferSize = 65_536)
    {
        var simulation = new Simulation(seed);
        simulation.Run(async () =>
        {
            var network = new InMemoryNetwork(simulation.Time, simulation.Random) { FragmentReads = fragment, BufferSize = bufferSize };
            var rig = new ServerRig(simulation, network, handler ?? (() => new RecordingHandler()));
            rig.Server.Listen(Address);
            await body(rig);
            await rig.Server.StopAsync(TimeSpan.Zero);

            // However a test ends: every handler is disposed of once, and every session is accounted for.
            Assert.All(rig.Handlers, made => Assert.Equal(1, made.Disposed));
            Assert.All(rig.Handlers, made => Assert.False(made.IsInMessage, "A message was neither ended nor abandoned."));
            Assert.Equal(rig.Handlers.Count, rig.Ends.Count);
            Assert.Equal(0, rig.Server.SessionCount);
            Assert.Equal(0, rig.Server.SessionMemoryUsed);
            Assert.Equal(0, rig.Inside);
        });
        Assert.Null(simulation.Time.NextDue);
    }

    /// <summary>Listens where connections from 10.0.0.0/8 begin with a PROXY header.</summary>
    public async Task<RigClient> ConnectByProxyAsync(string proxy = "10.0.0.1")
    {
        var endPoint = new IPEndPoint(Address.Address, 26);
        if (!Server.EndPoints.Contains(endPoint))
            Server.Listen(endPoint, new ListenerProfile { Proxies = new PeerNetworks(IPNetwork.Parse("10.0.0.0/8")) });
        Network.LocalAddress = IPAddress.Parse(proxy);
        return new(await Network.ConnectAsync(endPoint));
    }

    public async Task<RigClient> ConnectAsync() => new(await Network.ConnectAsync(Address));

    /// <summary>A client that has its greeting and has said EHLO.</summary>
    public async Task<RigClient> GreetAsync()
    {
        var client = await ConnectAsync();
        Assert.StartsWith("220 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.SendAsync("EHLO client.example\r\n");
        Assert.StartsWith("250", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Recording.Writes.Clear();
        return client;
    }

    /// <summary>A client that may send its body now.</summary>
    public async Task<RigClient> BeginBodyAsync()
    {
        var client = await GreetAsync();
        await client.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        Assert.Equal(["250", "250", "354"], await client.ReadCodesAsync(3));
        Recording.Writes.Clear();
        return client;
    }

    /// <summary>Why connections of proxies were closed.</summary>
    public List<string> ProxyProblems { get; } = [];

    /// <summary>The peers that got a session.</summary>
    public List<SessionFacts> Peers { get; } = [];

    /// <summary>Whom the admission refuses, and with what.</summary>
    public Func<SessionFacts, Reply?> Refuse { get; set; } = _ => null;

    /// <summary>Connections that were let in and have not left.</summary>
    public int Inside { get; private set; }

    /// <summary>How long peers wait for their greeting.</summary>
    public TimeSpan GreetingDelay { get; set; }

    TimeSpan IConnectionAdmission.GreetingDelay(SessionFacts facts) => GreetingDelay;

    Reply? IConnectionAdmission.Admit(SessionFacts facts, out IDisposable? admitted)
    {
        var refusal = Refuse(facts);
        Inside += refusal is null ? 1 : 0;
        admitted = refusal is null ? new Leaving(this) : null;
        return refusal;
    }

    void IServerObserver.Connected(SessionFacts facts) => Peers.Add(facts);

    void IServerObserver.TurnedAway(SessionFacts facts, Reply reply) => TurnedAwayWith.Add(reply);

    void IServerObserver.Refused(SessionFacts facts, Reply reply) => Refused.Add(reply.ToString());

    void IServerObserver.ProxyRefused(SessionFacts proxy, string problem) => ProxyProblems.Add(problem);

    void IServerObserver.TlsFailed(SessionFacts facts, TlsFailure failure) => TlsFailures.Add(failure);

    void IServerObserver.HandlerFailed(SessionFacts facts, Exception exception) => Failures.Add(exception);

    void IServerObserver.Faulted(SessionFacts facts, Exception exception) =>
        throw new InvalidOperationException("The pump has a fault.", exception);

    void IServerObserver.Ended(SessionFacts facts, SessionEnd end) => Ends.Add(end);

    private RecordingHandler Make(SessionFacts facts)
    {
        var handler = makeHandler();
        Handlers.Add(handler);
        return handler;
    }

    private sealed class Leaving(ServerRig rig) : IDisposable
    {
        public void Dispose() => rig.Inside--;
    }
}
