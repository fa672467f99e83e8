using System.Net;
using System.Net.Sockets;
using Postrider.Transport;

namespace Postrider.Testing.Networks;

/// <summary>
/// A network within the process: connections with bounded buffers, whose reads are cut at random
/// places, with latency, refusals and breaks where a test asks for them. With the clock and the chance
/// of a <see cref="Simulations.Simulation"/> a seed reproduces what it does; without, it is safe for
/// several threads.
/// </summary>
/// <param name="time">The clock that latency is counted by.</param>
/// <param name="random">Where reads are cut.</param>
public sealed class InMemoryNetwork(TimeProvider time, Random random) : INetwork
{
    private readonly Lock gate = new();
    private readonly Dictionary<IPEndPoint, InMemoryListener> listeners = [];
    private int nextPort = 49152;

    /// <summary>Octets that a connection holds in each direction before a write waits; 65,536 at first.</summary>
    public int BufferSize { get; init; } = 65_536;

    /// <summary>Whether reads are given less than there is, at random; true at first.</summary>
    public bool FragmentReads { get; init; } = true;

    /// <summary>How long octets are under way, each direction; none at first.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The address that connections are made from; 127.0.0.1 at first.</summary>
    public IPAddress LocalAddress { get; set; } = IPAddress.Loopback;

    /// <summary>Asked at each connect what goes wrong with it; null, or an answer of null, for nothing.</summary>
    public Func<IPEndPoint, LinkFaults?>? Faults { get; set; }

    internal TimeProvider Time { get; } = time;

    /// <inheritdoc/>
    public IListener Listen(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        lock (gate)
        {
            var taken = endPoint.Port == 0 ? new IPEndPoint(endPoint.Address, nextPort++) : endPoint;
            var listener = new InMemoryListener(this, taken);
            if (!listeners.TryAdd(taken, listener))
                throw new IOException($"Cannot listen at {taken}: another listener has the address.");
            return listener;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITransport> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var faults = Faults?.Invoke(endPoint) ?? LinkFaults.None;
        if (faults.IsSilent)
            await PassAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        else if (Latency > TimeSpan.Zero)
            await PassAsync(Latency + Latency, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();

        InMemoryListener? listener;
        IPEndPoint from;
        lock (gate)
        {
            listener = Find(endPoint);
            from = new IPEndPoint(LocalAddress, nextPort++);
        }
        if (listener is null || faults.IsRefused)
            throw new IOException($"Cannot connect to {endPoint}: connection refused.");
        var there = new InMemoryPipe(this, faults.CutAfterSent);
        var back = new InMemoryPipe(this, faults.CutAfterReceived);
        there.Opposite = back;
        back.Opposite = there;
        if (!listener.Offer(new InMemoryTransport(there, back, endPoint, from)))
            throw new IOException($"Cannot connect to {endPoint}: connection refused.");
        return new InMemoryTransport(back, there, from, endPoint);
    }

    internal int CutRead(int available)
    {
        if (!FragmentReads || available <= 1)
            return available;
        lock (gate)
        {
            return random.Next(4) switch
            {
                0 => 1,
                1 => random.Next(1, available + 1),
                _ => available,
            };
        }
    }

    internal void Remove(InMemoryListener listener)
    {
        lock (gate)
            listeners.Remove(listener.EndPoint);
    }

    // A Task.Delay that is cancelled goes on on the pool, which a simulation does not survive.
    private async Task PassAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (Time.CreateTimer(_ => over.TrySetResult(), null, duration, Timeout.InfiniteTimeSpan))
        await using (cancellationToken.UnsafeRegister((_, token) => over.TrySetCanceled(token), null))
            await over.Task;
    }

    private InMemoryListener? Find(IPEndPoint endPoint)
    {
        if (listeners.TryGetValue(endPoint, out var listener))
            return listener;
        var any = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        return listeners.GetValueOrDefault(new IPEndPoint(any, endPoint.Port));
    }
}
