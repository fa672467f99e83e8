namespace Postrider.Transport.Listening;

/// <summary>
/// The memory that sessions grow by, all of them together: buffers of those that are being served, and recipients of open
/// transactions, each with half of the limit. Where the buffers are used up a session waits its turn, which is
/// back-pressure by TCP; who has one gives it back soon, so that everybody gets one. Recipients are put off instead, since
/// transactions that wait for each other would never end.
/// </summary>
internal sealed class SessionMemory(long limit = SessionMemory.DefaultLimit)
{
    /// <summary>256 MiB.</summary>
    public const long DefaultLimit = 256L << 20;

    /// <summary>What a session that is being served takes: its input, and as much for replies.</summary>
    public const int Share = 2 * ReceiveBuffer.Size;

    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource> line = new();
    private long limit = limit;
    private long shared;
    private long held;
    private int waiting;

    /// <summary>Octets; may be changed at any time.</summary>
    public long Limit
    {
        get => Volatile.Read(ref limit);
        set
        {
            Volatile.Write(ref limit, value);
            ServeLine();
        }
    }

    /// <summary>Octets in use.</summary>
    public long Used => Volatile.Read(ref shared) + Volatile.Read(ref held);

    /// <summary>Whether nobody should wait for a peer with a share in hand.</summary>
    public bool IsScarce => Volatile.Read(ref shared) * 4 >= Limit;

    /// <summary>Whether open transactions should get no more recipients.</summary>
    public bool IsFull => Volatile.Read(ref held) * 2 >= Limit;

    /// <summary>Takes a share where one is free and nobody waits for it.</summary>
    public bool TryTake() => Volatile.Read(ref waiting) == 0 && TryAdd();

    /// <summary>Takes a share, in turn.</summary>
    /// <exception cref="OperationCanceledException">The wait was cut off.</exception>
    public async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            // Before the look: who gives back from here on sees that somebody waits.
            Interlocked.Increment(ref waiting);
            if (line.Count == 0 && TryAdd())
            {
                Interlocked.Decrement(ref waiting);
                return;
            }
            place = line.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        await using var cut = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), place.Value);
        try
        {
            await place.Value.Task;
        }
        catch (OperationCanceledException)
        {
            Leave(place);
            throw;
        }
    }

    /// <summary>Gives a share back.</summary>
    public void Give()
    {
        Interlocked.Add(ref shared, -Share);
        if (Volatile.Read(ref waiting) > 0)
            ServeLine();
    }

    /// <summary>Counts what a transaction has grown by, or gives back where it is negative.</summary>
    public void Hold(long octets) => Interlocked.Add(ref held, octets);

    private bool TryAdd()
    {
        // One is there in any case, however small the limit.
        if (Interlocked.Add(ref shared, Share) is var now && (now * 2 <= Limit || now == Share))
            return true;
        Interlocked.Add(ref shared, -Share);
        return false;
    }

    private void ServeLine()
    {
        lock (gate)
        {
            while (line.First is { } first)
            {
                if (!TryAdd())
                    return;
                line.RemoveFirst();
                Interlocked.Decrement(ref waiting);
                if (!first.Value.TrySetResult())
                    Interlocked.Add(ref shared, -Share);
            }
        }
    }

    private void Leave(LinkedListNode<TaskCompletionSource> place)
    {
        lock (gate)
        {
            if (place.List is null)
                return;
            line.Remove(place);
            Interlocked.Decrement(ref waiting);
        }
    }
}
