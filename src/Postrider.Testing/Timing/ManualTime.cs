namespace Postrider.Testing.Timing;

/// <summary>
/// A clock that moves only when it is told to. Timers fire on the thread that moves it, in the order
/// in which they are due, each at its own time; of two due together the one set first. Safe for
/// several threads, but a callback must not move the clock.
/// </summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<ManualTimer, (long Due, long Order)> timers = new();
    private readonly DateTimeOffset start;
    private long elapsed;
    private long order;

    /// <summary>A clock that stands at 1 January 2026, midnight UTC.</summary>
    public ManualTime()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>A clock that stands at a given time.</summary>
    /// <param name="start">The time to begin with.</param>
    public ManualTime(DateTimeOffset start) => this.start = start.ToUniversalTime();

    /// <summary>How far the clock has been moved.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref elapsed));

    /// <summary>When the next timer is due, counted from the start; null when none is set.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (gate)
                return PeekLive() is { } timer ? TimeSpan.FromTicks(timer.Due) : null;
        }
    }

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref elapsed);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on, and fires what falls due on the way.</summary>
    /// <param name="by">How far; zero fires what is due now.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var target = Interlocked.Read(ref elapsed) + by.Ticks;
        while (FireNext(target))
        {
        }
        Interlocked.Exchange(ref elapsed, Math.Max(target, Interlocked.Read(ref elapsed)));
    }

    /// <summary>Moves the clock to the next timer and fires it. False, and the clock stays, when none is set.</summary>
    public bool AdvanceToNext() => FireNext(long.MaxValue);

    internal void Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            timer.Period = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
            timer.IsSet = dueTime != Timeout.InfiniteTimeSpan;
            if (timer.IsSet)
                Enqueue(timer, elapsed + dueTime.Ticks);
        }
    }

    internal void Clear(ManualTimer timer)
    {
        lock (gate)
        {
            timer.IsSet = false;
        }
    }

    private void Enqueue(ManualTimer timer, long due)
    {
        timer.Due = due;
        timer.QueuedOrder = order;
        timers.Enqueue(timer, (due, order++));
    }

    // A timer that was changed or stopped stays queued until its old turn comes, and is dropped then.
    private ManualTimer? PeekLive()
    {
        while (timers.TryPeek(out var timer, out var priority))
        {
            if (timer.IsSet && timer.QueuedOrder == priority.Order)
                return timer;
            timers.Dequeue();
        }
        return null;
    }

    private bool FireNext(long limit)
    {
        ManualTimer timer;
        lock (gate)
        {
            if (PeekLive() is not { } next || next.Due > limit)
                return false;
            timer = next;
            timers.Dequeue();
            elapsed = Math.Max(elapsed, timer.Due);
            timer.IsSet = timer.Period > 0;
            if (timer.IsSet)
                Enqueue(timer, timer.Due + timer.Period);
        }
        timer.Fire();
        return true;
    }
}
