using Microsoft.Extensions.Hosting;

namespace Postrider.Hosting;

/// <summary>
/// What is left of the time that a stop may take: sessions and deliveries share it, so that the limit
/// is one for the whole program.
/// </summary>
internal sealed class StopClock : IDisposable
{
    private readonly TimeProvider time;
    private readonly CurrentSettings settings;
    private readonly CancellationTokenRegistration registration;
    private long begun;

    /// <summary>Begins to count when the host begins to stop.</summary>
    public StopClock(IHostApplicationLifetime application, CurrentSettings settings, TimeProvider time)
    {
        this.time = time;
        this.settings = settings;
        registration = application.ApplicationStopping.Register(() => Interlocked.CompareExchange(ref begun, Math.Max(1, time.GetTimestamp()), 0));
    }

    /// <summary>How long the stop may still take.</summary>
    public TimeSpan Remaining()
    {
        var start = Interlocked.Read(ref begun);
        var left = start == 0 ? settings.Value.StopTimeout : settings.Value.StopTimeout - time.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <inheritdoc/>
    public void Dispose() => registration.Dispose();
}
