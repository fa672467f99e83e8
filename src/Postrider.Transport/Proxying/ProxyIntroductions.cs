using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Transport.Proxying;

/// <summary>Connections of proxies on their way to a session: each has to say in time who its client is.</summary>
internal sealed class ProxyIntroductions(TimeProvider time, IServerObserver? observer)
{
    // The proxy sends it at once; HAProxy's own limit for reading one is of this size.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly HashSet<ITransport> waiting = [];

    /// <summary>Reads the header.</summary>
    /// <param name="transport">The connection; nothing has been read of it.</param>
    /// <param name="proxy">The proxy.</param>
    /// <returns>The client, or null where the connection is to be closed, of which the observer has been told.</returns>
    public async ValueTask<SessionFacts?> ReadAsync(ITransport transport, SessionFacts proxy)
    {
        lock (gate)
            waiting.Add(transport);
        var late = false;
        string? problem;
        try
        {
            await using (time.CreateTimer(_ => { late = true; transport.Abort(); }, null, Limit, Timeout.InfiniteTimeSpan))
            {
                (var header, problem) = await ProxyHeaderReader.ReadAsync(transport);
                if (header is { } introduced)
                    return Introduce(introduced, proxy);
            }
        }
        catch (IOException) when (late)
        {
            problem = "it was silent for 10 seconds";
        }
        catch (IOException)
        {
            problem = null;
        }
        finally
        {
            lock (gate)
                waiting.Remove(transport);
        }
        if (problem is not null)
            observer?.ProxyRefused(proxy, problem);
        return null;
    }

    /// <summary>Breaks those that are under way.</summary>
    public void AbortAll()
    {
        ITransport[] all;
        lock (gate)
            all = [.. waiting];
        foreach (var transport in all)
            transport.Abort();
    }

    private static SessionFacts Introduce(in ProxyHeader header, SessionFacts proxy) =>
        header is not { Source: { } source, Destination: { } destination } ? proxy : proxy with
        {
            PeerAddress = source.Address,
            PeerPort = source.Port,
            LocalAddress = destination.Address,
            LocalPort = destination.Port,
        };
}
