namespace Postrider.Transport.Dialing;

/// <summary>How long connections are kept for the next message.</summary>
public sealed record PoolSettings
{
    /// <summary>Where keys are derived from passwords; null, as at first, for the thread of the session.</summary>
    public IHeavyWork? Work { get; init; }

    /// <summary>How long a connection rests before it is closed; 10 seconds. Long enough for a queue under load, too short to hold a server's slot for nothing.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How old a connection gets; 5 minutes, so that a site's change of address is noticed.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Transactions on one connection; 1,000. A server that wants fewer says 421, which is no failure.</summary>
    public int MaxTransactions { get; init; } = 1_000;

    /// <summary>Connections resting at one time, all servers together; 500.</summary>
    public int MaxIdle { get; init; } = 500;
}
