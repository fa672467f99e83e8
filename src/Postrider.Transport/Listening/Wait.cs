namespace Postrider.Transport.Listening;

/// <summary>What a connection waits for.</summary>
internal enum WaitKind
{
    None = 0,
    ReadCommand = 1,
    ReadInMessage = 2,
    Write = 3,
}

/// <summary>How a wait came to its end.</summary>
internal enum WaitEnd
{
    Completed,
    Expired,
    Stopped,
}

/// <summary>
/// The wait of a connection, as its own task, the heartbeat and a stop agree on it: exactly one of them
/// ends it. Kind and deadline are one word, so that a wait that has just been replaced by a later one
/// cannot be mistaken for it.
/// </summary>
internal struct Wait
{
    private const long Expired = -1;
    private const long Stopped = -2;

    private long word;

    public void Begin(long deadline, WaitKind kind) => Interlocked.Exchange(ref word, (Math.Max(deadline, 0) << 2) | (long)kind);

    public WaitEnd End() => Interlocked.Exchange(ref word, 0) switch
    {
        Expired => WaitEnd.Expired,
        Stopped => WaitEnd.Stopped,
        _ => WaitEnd.Completed,
    };

    /// <summary>Ends a wait whose deadline is past; None where there is nothing to end.</summary>
    public WaitKind TryExpire(long now)
    {
        var seen = Volatile.Read(ref word);
        return seen > 0 && (seen >> 2) <= now && Interlocked.CompareExchange(ref word, Expired, seen) == seen
            ? (WaitKind)(seen & 3)
            : WaitKind.None;
    }

    /// <summary>Ends a wait for a command.</summary>
    public bool TryStop()
    {
        var seen = Volatile.Read(ref word);
        return seen > 0 && (WaitKind)(seen & 3) == WaitKind.ReadCommand && Interlocked.CompareExchange(ref word, Stopped, seen) == seen;
    }
}
