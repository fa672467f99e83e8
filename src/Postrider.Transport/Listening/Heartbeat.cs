namespace Postrider.Transport.Listening;

/// <summary>A connection that the heartbeat looks at.</summary>
internal interface IHeartbeatMember
{
    /// <summary>Where the heartbeat keeps it; its own.</summary>
    int HeartbeatSlot { get; set; }

    /// <summary>Called once a second: is a deadline past?</summary>
    /// <param name="now">The heartbeat's clock.</param>
    void Beat(long now);
}

/// <summary>
/// One timer for the deadlines of all connections. Its clock is coarse, in milliseconds moved on once a
/// second, so that setting a deadline reads no clock; deadlines are met up to two seconds late, never early.
/// The timer runs only while there are members.
/// </summary>
internal sealed class Heartbeat(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long start = time.GetTimestamp();
    private readonly Lock gate = new();
    private IHeartbeatMember?[] members = new IHeartbeatMember?[16];
    private IHeartbeatMember?[] beaten = [];
    private ITimer? timer;
    private int count;
    private long now;
    private int beating;

    /// <summary>Milliseconds since the start, as of the last beat.</summary>
    public long Now => Volatile.Read(ref now);

    /// <summary>How many members there are.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>When a wait that begins now has lasted so long.</summary>
    /// <param name="milliseconds">How long.</param>
    public long After(long milliseconds) => Now + milliseconds + (long)Interval.TotalMilliseconds;

    public void Add(IHeartbeatMember member)
    {
        lock (gate)
        {
            if (count == members.Length)
                Array.Resize(ref members, count * 2);
            if (count == 0)
            {
                ReadClock();
                timer ??= time.CreateTimer(static self => ((Heartbeat)self!).Beat(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                timer.Change(Interval, Interval);
            }
            member.HeartbeatSlot = count;
            members[count++] = member;
        }
    }

    public void Remove(IHeartbeatMember member)
    {
        lock (gate)
        {
            var last = members[--count]!;
            members[count] = null;
            members[member.HeartbeatSlot] = count == member.HeartbeatSlot ? null : last;
            last.HeartbeatSlot = member.HeartbeatSlot;
            if (count == 0)
                timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The members at this moment.</summary>
    public IHeartbeatMember[] ToArray()
    {
        lock (gate)
            return members.AsSpan(0, count).ToArray()!;
    }

    public void Dispose() => timer?.Dispose();

    private void Beat()
    {
        // A beat that takes more than a second is not joined by the next one.
        if (Interlocked.Exchange(ref beating, 1) != 0)
            return;
        int living;
        lock (gate)
        {
            ReadClock();
            living = count;
            if (beaten.Length < living)
                beaten = new IHeartbeatMember?[members.Length];
            members.AsSpan(0, living).CopyTo(beaten);
        }
        // Outside the lock: what a member does may end it, and ending it takes it out.
        foreach (var member in beaten.AsSpan(0, living))
            member!.Beat(Now);
        Array.Clear(beaten, 0, living);
        Volatile.Write(ref beating, 0);
    }

    private void ReadClock() => Volatile.Write(ref now, (long)time.GetElapsedTime(start).TotalMilliseconds);
}
