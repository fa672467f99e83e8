using Postrider.Smtp.Server;

namespace Postrider.Transport.Listening;

/// <summary>
/// How long the peer may still be waited for. A command has its time from the end of the one before,
/// however its octets drip in. A body loses the time that it lets us wait and earns some with each
/// octet, never beyond its limit: so it keeps up the minimum rate, or ends.
/// </summary>
internal struct TimeAllowance(ServerLimits limits)
{
    private bool inBody;
    private bool progressed;

    /// <summary>Milliseconds left.</summary>
    public long Left { get; private set; } = (long)limits.CommandTimeout.TotalMilliseconds;

    /// <summary>The session has got on: a command was consumed or answered.</summary>
    public void Progress() => progressed = true;

    public void Waited(long milliseconds) => Left -= milliseconds;

    public void Received(int octets)
    {
        if (inBody)
            Left += octets * 1000L / limits.MinimumRate;
    }

    /// <summary>A wait begins.</summary>
    public void Grant(SessionDeadline deadline)
    {
        var forBody = deadline == SessionDeadline.Body;
        if (forBody)
            Left = inBody ? Math.Min(Left, Milliseconds(limits.BodyTimeout)) : Milliseconds(limits.BodyTimeout);
        else if (progressed || inBody)
            Left = Milliseconds(limits.CommandTimeout);
        inBody = forBody;
        progressed = false;
    }

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
