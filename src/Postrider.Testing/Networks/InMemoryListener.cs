using System.Net;
using Postrider.Transport;

namespace Postrider.Testing.Networks;

/// <summary>A listener of an <see cref="InMemoryNetwork"/>, with a backlog of 1,024 connections.</summary>
internal sealed class InMemoryListener(InMemoryNetwork network, IPEndPoint endPoint) : IListener
{
    private const int Backlog = 1024;

    private readonly Lock gate = new();
    private readonly Queue<InMemoryTransport> waiting = new();
    private readonly Waiter arrival = new();
    private bool closed;

    public IPEndPoint EndPoint { get; } = endPoint;

    public async ValueTask<ITransport?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (waiting.TryDequeue(out var transport))
                    return transport;
                if (closed)
                    return null;
                wait = arrival.Wait();
            }
            await using (cancellationToken.UnsafeRegister(arrival.Cancel, null))
                await wait;
        }
    }

    public async ValueTask DisposeAsync()
    {
        network.Remove(this);
        InMemoryTransport[] abandoned;
        lock (gate)
        {
            closed = true;
            abandoned = [.. waiting];
            waiting.Clear();
            arrival.Wake();
        }
        foreach (var transport in abandoned)
        {
            transport.Abort();
            await transport.DisposeAsync();
        }
    }

    internal bool Offer(InMemoryTransport transport)
    {
        lock (gate)
        {
            if (closed || waiting.Count >= Backlog)
                return false;
            waiting.Enqueue(transport);
            arrival.Wake();
            return true;
        }
    }
}
