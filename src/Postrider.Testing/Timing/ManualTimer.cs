namespace Postrider.Testing.Timing;

/// <summary>A timer of <see cref="ManualTime"/>; the clock's lock guards its fields.</summary>
internal sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
{
    private bool disposed;

    public bool IsSet { get; set; }

    public long Due { get; set; }

    public long Period { get; set; }

    public long QueuedOrder { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (disposed)
            return false;
        time.Set(this, dueTime, period);
        return true;
    }

    public void Fire() => callback(state);

    public void Dispose()
    {
        disposed = true;
        time.Clear(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
