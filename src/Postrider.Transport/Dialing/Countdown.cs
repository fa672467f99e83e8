namespace Postrider.Transport.Dialing;

/// <summary>
/// The time limit of a connection that waits for one thing at a time. Its one timer is set when a
/// limit is nearer than the last one set, or when it fires and the limit has moved on: most waits
/// only note a number.
/// </summary>
internal sealed class Countdown : IDisposable
{
    private readonly TimeProvider time;
    private readonly Action expired;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private long due = long.MaxValue;
    private long armed = long.MaxValue;

    public Countdown(TimeProvider time, Action expired)
    {
        this.time = time;
        this.expired = expired;
        timer = time.CreateTimer(static state => ((Countdown)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether a limit has passed; the connection is of no use then.</summary>
    public bool HasExpired { get; private set; }

    public void Start(TimeSpan limit)
    {
        var at = time.GetTimestamp() + (long)(limit.TotalSeconds * time.TimestampFrequency);
        lock (gate)
        {
            due = at;
            if (at >= armed)
                return;
            armed = at;
            timer.Change(limit, Timeout.InfiniteTimeSpan);
        }
    }

    public void Stop()
    {
        lock (gate)
            due = long.MaxValue;
    }

    public void Dispose() => timer.Dispose();

    private void Fire()
    {
        lock (gate)
        {
            armed = long.MaxValue;
            if (due == long.MaxValue)
                return;
            var left = due - time.GetTimestamp();
            if (left > 0)
            {
                armed = due;
                // A millisecond is the least that a timer of the system knows.
                var wait = TimeSpan.FromSeconds((double)left / time.TimestampFrequency);
                timer.Change(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, Timeout.InfiniteTimeSpan);
                return;
            }
            HasExpired = true;
            due = long.MaxValue;
        }
        expired();
    }
}
