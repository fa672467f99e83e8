using System.Net;
using System.Runtime.CompilerServices;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;

namespace Postrider.Transport.Dialing;

/// <summary>
/// Sends messages over connections that are kept for the next one. A kept connection that turns out
/// to have died is replaced once, without that counting as a failure. Safe for concurrent use.
/// </summary>
public sealed class ConnectionPool : IAsyncDisposable
{
    private readonly INetwork network;
    private readonly TimeProvider time;
    private readonly PoolSettings settings;
    private readonly ITimer sweeper;
    private readonly Lock gate = new();
    private readonly Dictionary<Place, List<Resting>> resting = [];
    private readonly HashSet<Task> closing = [];
    private int restingCount;
    private bool isDisposed;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="network">Where connections come from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="settings">How long connections are kept.</param>
    public ConnectionPool(INetwork network, TimeProvider time, PoolSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(time);
        this.network = network;
        this.time = time;
        this.settings = settings ?? new PoolSettings();
        sweeper = time.CreateTimer(static pool => ((ConnectionPool)pool!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Connections made so far, those that failed included.</summary>
    public long Opened => Interlocked.Read(ref opened);

    private long opened;

    /// <summary>Connections resting now.</summary>
    public int Idle
    {
        get
        {
            lock (gate)
                return restingCount;
        }
    }

    /// <summary>Sends a message over a kept connection, or a new one.</summary>
    /// <remarks>
    /// A connection is used again only for the same site, address, <paramref name="client"/> and <paramref name="tls"/>, the
    /// objects themselves: one that was made on weaker terms never serves where stronger ones are set.
    /// </remarks>
    /// <param name="site">Whose connections these are, an opaque key.</param>
    /// <param name="endPoint">The server.</param>
    /// <param name="client">How to speak to it.</param>
    /// <param name="tls">How connections come under TLS, or null where they never do.</param>
    /// <param name="envelope">Sender and recipients.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TransactionResult> SendAsync(
        string site,
        IPEndPoint endPoint,
        ClientSettings client,
        DialTls? tls,
        Envelope envelope,
        IContentSource content,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(endPoint);
        var place = new Place(site, endPoint, client, tls);
        if (Take(place) is { } kept)
        {
            var result = await UseAsync(place, kept, envelope, content, cancellationToken);
            var hasDied = !result.WasAnswered && result.Ending is { Kind: EndingKind.Lost or EndingKind.PeerEnded or EndingKind.Violation };
            if (!hasDied)
                return result;
        }
        Interlocked.Increment(ref opened);
        var connection = await SmtpConnection.OpenAsync(network, endPoint, client, tls, time, observer: null, settings.Work, cancellationToken);
        return await UseAsync(place, new Resting(connection, time.GetTimestamp(), 0), envelope, content, cancellationToken);
    }

    /// <summary>Ends all resting connections politely and waits for that; those in use end with their transaction.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] under;
        lock (gate)
        {
            isDisposed = true;
            foreach (var list in resting.Values)
            {
                foreach (var kept in list)
                    CloseLater(kept.Connection);
            }
            resting.Clear();
            restingCount = 0;
            under = [.. closing];
        }
        await sweeper.DisposeAsync();
        await Task.WhenAll(under);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TransactionResult> UseAsync(Place place, Resting kept, Envelope envelope, IContentSource content, CancellationToken cancellationToken)
    {
        var connection = kept.Connection;
        try
        {
            var result = await connection.SendAsync(envelope, content, cancellationToken);
            if (result.Ending is null)
                Keep(place, kept);
            return result;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private Resting? Take(Place place)
    {
        lock (gate)
        {
            // The one used last: under less load the others grow old and go.
            while (resting.TryGetValue(place, out var list) && list is [.., var last])
            {
                list.RemoveAt(list.Count - 1);
                restingCount--;
                if (last.Connection.IsUsable)
                    return last;
                CloseLater(last.Connection);
            }
            return null;
        }
    }

    private void Keep(Place place, Resting used)
    {
        var now = time.GetTimestamp();
        used.Connection.Rest();
        lock (gate)
        {
            if (isDisposed || restingCount >= settings.MaxIdle || used.Connection.Transactions >= settings.MaxTransactions
                || time.GetElapsedTime(used.Opened, now) >= settings.MaxAge)
            {
                CloseLater(used.Connection);
                return;
            }
            if (!resting.TryGetValue(place, out var list))
                resting[place] = list = [];
            list.Add(used with { Since = now });
            if (restingCount++ == 0)
                sweeper.Change(settings.IdleTime, Timeout.InfiniteTimeSpan);
        }
    }

    private void Sweep()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var next = settings.IdleTime;
            foreach (var (place, list) in resting)
            {
                // Put at the end, taken from the end: the oldest stand in front.
                while (list is [var oldest, ..])
                {
                    var left = settings.IdleTime - time.GetElapsedTime(oldest.Since, now);
                    if (left > TimeSpan.Zero && oldest.Connection.IsUsable)
                    {
                        next = left < next ? left : next;
                        break;
                    }
                    list.RemoveAt(0);
                    restingCount--;
                    CloseLater(oldest.Connection);
                }
                if (list.Count == 0)
                    resting.Remove(place);
            }
            if (restingCount > 0)
                sweeper.Change(next, Timeout.InfiniteTimeSpan);
        }
    }

    // Under the lock. QUIT takes a moment, which nobody waits for but DisposeAsync.
    private void CloseLater(SmtpConnection connection)
    {
        var task = CloseAsync(connection);
        if (task.IsCompleted)
            return;
        closing.Add(task);
        _ = RemoveAsync(task);
    }

    private static async Task CloseAsync(SmtpConnection connection)
    {
        if (connection.IsUsable)
            await connection.QuitAsync();
        else
            await connection.DisposeAsync();
    }

    private async Task RemoveAsync(Task task)
    {
        await task;
        lock (gate)
            closing.Remove(task);
    }

    private readonly record struct Place(string Site, IPEndPoint EndPoint, ClientSettings Client, DialTls? Tls)
    {
        public bool Equals(Place other) =>
            Site == other.Site && EndPoint.Equals(other.EndPoint) && ReferenceEquals(Client, other.Client) && ReferenceEquals(Tls, other.Tls);

        public override int GetHashCode() => HashCode.Combine(Site, EndPoint);
    }

    private sealed record Resting(SmtpConnection Connection, long Opened, long Since);
}
