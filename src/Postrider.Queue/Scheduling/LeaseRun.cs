using System.Numerics;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// The entries for some next hops, the most urgent first and each at most once, leased to somebody who tries them at once:
/// a peer that fetches its mail on its own connection. What is accepted meanwhile may be missed; what is held, waits for
/// a time that its sender has set or is with delivery already is left where it is. One caller at a time.
/// </summary>
public sealed class LeaseRun
{
    private readonly Scheduler scheduler;
    private readonly IReadOnlySet<string> nextHops;
    private int slot;
    private int priority = DueEntry.LeastPriority + DueEntry.Priorities - 1;
    private uint others;
    private uint? less;

    internal LeaseRun(Scheduler scheduler, IReadOnlySet<string> nextHops)
    {
        this.scheduler = scheduler;
        this.nextHops = nextHops;
    }

    /// <summary>
    /// Leases the next entries, whenever they are due. Each lease ends as one that was offered does, by a call of
    /// <see cref="MailQueue.Leases"/>, and nobody else tries its entry before.
    /// </summary>
    /// <param name="most">How many at most, 1 or more.</param>
    /// <param name="cancellationToken">Gives up; nothing is leased then.</param>
    /// <returns>One or more; none at the end.</returns>
    public async ValueTask<IReadOnlyList<DueEntry>> TakeAsync(int most, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var leased = new List<DueEntry>();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (slot >= 0)
                scheduler.Lease(ref slot, nextHops, priority, most, leased, ref others);
            if (slot < 0)
                GoOn();
            if (slot < 0 || leased.Count > 0)
                return leased;
            await Task.Yield();
        }
    }

    // The first time through says which priorities there are; what comes later with another is missed.
    private void GoOn()
    {
        less ??= others;
        if (less == 0)
            return;
        var highest = BitOperations.Log2(less.Value);
        less &= ~(1u << highest);
        priority = highest + DueEntry.LeastPriority;
        slot = 0;
    }
}
