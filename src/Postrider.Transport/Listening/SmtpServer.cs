using System.Net;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Proxying;
using Postrider.Transport.Tls;

namespace Postrider.Transport.Listening;

/// <summary>
/// Accepts connections at any number of addresses and runs a session for each, until it is stopped.
/// </summary>
/// <param name="network">Where connections come from.</param>
/// <param name="time">The clock of the deadlines.</param>
/// <param name="settings">Gives the settings that a new session keeps for its life.</param>
/// <param name="handlers">Makes the handler of a new session, which disposes of it at its end.</param>
/// <param name="observer">Is told what becomes of connections; may be null.</param>
public sealed class SmtpServer(
    INetwork network,
    TimeProvider time,
    Func<ServerSettings> settings,
    Func<SessionFacts, IServerSessionHandler> handlers,
    IServerObserver? observer = null) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<IListener> listeners = [];
    private readonly List<Task> accepting = [];
    private readonly Heartbeat heartbeat = new(time);
    private readonly SessionMemory memory = new();
    private readonly ProxyIntroductions introductions = new(time, observer);
    private TaskCompletionSource? emptied;
    private int sessions;
    private volatile bool stopping;

    /// <summary>Sessions at one time; a connection beyond them is told 421 4.3.2. 20,000 at first; may be changed at any time, and the network's own limit holds besides.</summary>
    public int MaxSessions { get; set; } = 20_000;

    /// <summary>
    /// Octets that sessions may grow by, all of them together: 256 MiB at first; may be changed at any time. Where they are used
    /// up, sessions wait for each other, and transactions get no more recipients for now (452).
    /// </summary>
    public long SessionMemory
    {
        get => memory.Limit;
        set => memory.Limit = value;
    }

    /// <summary>What of it is in use.</summary>
    public long SessionMemoryUsed => memory.Used;

    /// <summary>Judges each connection before it gets a session; null where all are let in.</summary>
    public IConnectionAdmission? Admission { get; init; }

    /// <summary>Makes TLS handshakes; those of the system at first.</summary>
    public ITlsUpgrade Tls { get; init; } = new SystemTls();

    /// <summary>Sessions that are open.</summary>
    public int SessionCount => Volatile.Read(ref sessions);

    /// <summary>Where it listens, with the ports that it got.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints
    {
        get
        {
            lock (gate)
                return listeners.ConvertAll(listener => listener.EndPoint);
        }
    }

    /// <summary>Listens at one more address and begins to accept there.</summary>
    /// <param name="endPoint">The address; port 0 takes a free one.</param>
    /// <param name="profile">What its sessions work by; null for the server's settings, without TLS.</param>
    /// <returns>The address with the port that it got.</returns>
    /// <exception cref="IOException">The address cannot be had; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException">The server has been stopped.</exception>
    public IPEndPoint Listen(IPEndPoint endPoint, ListenerProfile? profile = null)
    {
        var terms = new ListenerTerms(
            profile?.Settings ?? settings,
            profile?.Proxies ?? PeerNetworks.None,
            profile?.Tls is { } current ? new PumpTls(Tls, current, profile.IsImplicitTls) : null);
        lock (gate)
        {
            if (stopping)
                throw new InvalidOperationException("The server has been stopped.");
            var listener = network.Listen(endPoint);
            listeners.Add(listener);
            accepting.Add(AcceptAsync(listener, terms));
            return listener.EndPoint;
        }
    }

    /// <summary>
    /// Runs a session on a connection that was not accepted here: one that we opened, whose roles have changed. It counts among the sessions,
    /// and stops with the server.
    /// </summary>
    /// <param name="transport">The connection; disposed of at the end.</param>
    /// <param name="facts">What is known of the peer, TLS included.</param>
    /// <param name="settings">What the session works by; there is no STARTTLS on such a connection.</param>
    /// <returns>How it ended; null where there was none, since the server stops or has as many sessions as it may.</returns>
    public async Task<SessionEnd?> ServeAsync(ITransport transport, SessionFacts facts, ServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(settings);
        var number = Interlocked.Increment(ref sessions);
        try
        {
            var terms = new ListenerTerms(() => settings, PeerNetworks.None, null);
            if (stopping || number > MaxSessions)
            {
                await TurnAwayAsync(transport, facts, NoPlace(settings), terms);
                return null;
            }
            return await RunPumpAsync(transport, facts, terms, TimeSpan.Zero);
        }
        finally
        {
            if (Interlocked.Decrement(ref sessions) == 0 && stopping)
                SayEmpty();
        }
    }

    /// <summary>
    /// Stops: nothing more is accepted, sessions between commands are told 421 and closed, those within a
    /// message may finish it. Completes when all sessions have ended.
    /// </summary>
    /// <param name="grace">How long messages under way have; then their connections are cut.</param>
    /// <param name="cancellationToken">Ends the grace.</param>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        IListener[] closing;
        Task[] loops;
        lock (gate)
        {
            stopping = true;
            closing = [.. listeners];
            loops = [.. accepting];
        }
        foreach (var listener in closing)
            await listener.DisposeAsync();
        await Task.WhenAll(loops);

        // No session begins from here on.
        Task empty;
        lock (gate)
        {
            emptied ??= new TaskCompletionSource();
            if (sessions == 0)
                emptied.TrySetResult();
            empty = emptied.Task;
        }
        introductions.AbortAll();
        foreach (var member in heartbeat.ToArray())
            ((ServerPump)member).RequestStop();
        if (!await EndsWithinAsync(empty, grace, cancellationToken))
        {
            foreach (var member in heartbeat.ToArray())
                ((ServerPump)member).Abort();
        }
        await empty;
        heartbeat.Dispose();
    }

    /// <summary>Stops without grace.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    private async Task AcceptAsync(IListener listener, ListenerTerms terms)
    {
        while (await listener.AcceptAsync() is { } transport)
            _ = RunSessionAsync(transport, terms);
    }

    private async Task RunSessionAsync(ITransport transport, ListenerTerms terms)
    {
        var number = Interlocked.Increment(ref sessions);
        IDisposable? admitted = null;
        try
        {
            var facts = FactsOf(transport) with { Began = time.GetUtcNow() };
            if (stopping || number > Math.Min(MaxSessions, network.ConnectionLimit))
            {
                // At once, so that a burst of them holds no descriptors.
                await TurnAwayAsync(transport, facts, NoPlace(terms.Settings()), terms);
                return;
            }
            if (terms.Proxies.Contains(facts.PeerAddress))
            {
                if (await introductions.ReadAsync(transport, facts) is not { } client)
                {
                    await transport.DisposeAsync();
                    return;
                }
                facts = client;
            }
            if (Admission?.Admit(facts, out admitted) is { } refusal)
            {
                await TurnAwayAsync(transport, facts, refusal, terms);
                return;
            }
            await RunAdmittedAsync(transport, facts, terms);
        }
        finally
        {
            admitted?.Dispose();
            if (Interlocked.Decrement(ref sessions) == 0 && stopping)
                SayEmpty();
        }
    }

    private async ValueTask RunAdmittedAsync(ITransport transport, SessionFacts facts, ListenerTerms terms)
    {
        // What a session does at once must not keep the next connection from being accepted.
        await Task.Yield();
        await RunPumpAsync(transport, facts, terms, Admission?.GreetingDelay(facts) ?? TimeSpan.Zero);
    }

    private async ValueTask<SessionEnd?> RunPumpAsync(ITransport transport, SessionFacts facts, ListenerTerms terms, TimeSpan greetingDelay)
    {
        if (await MakePumpAsync(transport, facts, terms, greetingDelay) is not { } pump)
            return null;
        observer?.Connected(facts);
        heartbeat.Add(pump);
        if (stopping)
            pump.RequestStop();
        await pump.RunAsync();
        heartbeat.Remove(pump);
        return pump.End;
    }

    private async ValueTask<ServerPump?> MakePumpAsync(ITransport transport, SessionFacts facts, ListenerTerms terms, TimeSpan greetingDelay)
    {
        try
        {
            var current = terms.Settings();
            return new ServerPump(new ServedConnection(transport, current.Limits, heartbeat, memory), memory, new ServerSession(current, facts), handlers(facts), observer, terms.Tls, greetingDelay);
        }
        catch (Exception e)
        {
            observer?.HandlerFailed(facts, e);
            await TurnAwayAsync(transport, facts, ReplyCatalogue.CannotServe, terms);
            return null;
        }
    }

    // Why there is no place for one session more.
    private Reply NoPlace(ServerSettings settings) =>
        stopping ? ReplyCatalogue.ShuttingDown.With(settings.Hostname) : ReplyCatalogue.TooManyConnections;

    private async ValueTask TurnAwayAsync(ITransport transport, SessionFacts facts, Reply reply, ListenerTerms terms)
    {
        observer?.TurnedAway(facts, reply);
        if (terms.Tls is { IsImplicit: true })
        {
            // A reply in the clear would be noise to a peer that waits for a handshake, and one is not worth making.
            await transport.DisposeAsync();
            return;
        }
        try
        {
            // A fresh connection has room for one reply; one that has not is not worth a wait.
            var write = transport.WriteAsync(reply.Wire.ToArray());
            if (!write.IsCompleted)
                transport.Abort();
            await write;
        }
        catch (IOException)
        {
            // It was turned away in any case.
        }
        await transport.DisposeAsync();
    }

    // Not by Task.Delay: one that is cancelled goes on on the pool, and a seed could not reproduce the run.
    private async ValueTask<bool> EndsWithinAsync(Task task, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (task.IsCompleted || limit <= TimeSpan.Zero)
            return task.IsCompleted;
        var over = new TaskCompletionSource();
        await using (time.CreateTimer(_ => over.TrySetResult(), null, limit, Timeout.InfiniteTimeSpan))
        await using (cancellationToken.UnsafeRegister(_ => over.TrySetResult(), null))
            await Task.WhenAny(task, over.Task);
        return task.IsCompleted;
    }

    private void SayEmpty()
    {
        TaskCompletionSource? waitedFor;
        lock (gate)
            waitedFor = emptied;
        // Outside the lock, for the stop goes on within this call.
        waitedFor?.TrySetResult();
    }

    private static SessionFacts FactsOf(ITransport transport)
    {
        var peer = transport.RemoteEndPoint as IPEndPoint;
        var local = transport.LocalEndPoint as IPEndPoint;
        return new SessionFacts
        {
            PeerAddress = peer?.Address,
            PeerPort = peer?.Port ?? 0,
            LocalAddress = local?.Address,
            LocalPort = local?.Port ?? 0,
        };
    }

    // A listener's profile, with what the server has for all of them.
    private sealed record ListenerTerms(Func<ServerSettings> Settings, PeerNetworks Proxies, PumpTls? Tls);
}
