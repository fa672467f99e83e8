using System.Diagnostics.CodeAnalysis;
using Postrider.Queue.Scheduling;

namespace Postrider.Delivery.Sites;

/// <summary>
/// One place that mail goes to: what waits for it, how many attempts run, and how many it bears.
/// Halves when the site asks for less, closes when it cannot be reached, reopens with one attempt
/// and grows by one each time as many have succeeded as it bears. Any thread.
/// </summary>
internal sealed class Site(string key, SiteOptions options, bool adapts)
{
    private static readonly TimeSpan shortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan longestWait = TimeSpan.FromMinutes(1);

    // The queue offers more within a second or so: what waits here beyond that only keeps leases from others.
    private static readonly TimeSpan readyFor = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly ReadyEntries ready = new();
    private int active;
    private int limit = adapts ? Math.Min(options.FirstAttempts, options.MaxAttempts) : options.MaxAttempts;
    private int successes;
    private int failures;
    private int generation;
    private double averageSeconds;
    private DateTimeOffset lastSign;
    private DateTimeOffset closedUntil = DateTimeOffset.MinValue;
    private string closedReason = "";

    public string Key => key;

    /// <summary>Counts the changes for the worse; what an attempt reports that began before the last of them is old news.</summary>
    public int Generation
    {
        get
        {
            lock (gate)
                return generation;
        }
    }

    /// <summary>Whether nothing would be lost by forgetting it.</summary>
    public bool IsResting(DateTimeOffset now)
    {
        lock (gate)
            return active == 0 && ready.Count == 0 && now >= closedUntil;
    }

    /// <summary>Takes an entry to wait for an attempt.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The time.</param>
    /// <param name="startOne">Whether one more worker is to be started.</param>
    /// <returns>Null, or when and why the entry goes back to the queue.</returns>
    public (DateTimeOffset Until, string Reason)? Offer(DueEntry entry, DateTimeOffset now, out bool startOne)
    {
        startOne = false;
        lock (gate)
        {
            if (now < closedUntil)
                return (closedUntil, closedReason);
            // What is urgent finds room where the others have none left.
            if (ready.Count >= ReadyLimit(now) * (entry.Priority > 0 ? 2 : 1))
                return (now + WaitWhenFull(), $"{ready.Count} messages wait for {key} already");
            ready.Enqueue(entry);
            if (active < limit)
            {
                // One that has had nothing to do is not slow for that.
                if (active++ == 0)
                    lastSign = now;
                startOne = true;
            }
            return null;
        }
    }

    /// <summary>The next entry for a worker whose attempt has ended or that begins, or false: the worker ends.</summary>
    public bool TryTake([MaybeNullWhen(false)] out DueEntry entry)
    {
        lock (gate)
        {
            if (active <= limit && ready.TryDequeue(out entry))
                return true;
            entry = default;
            active--;
            return false;
        }
    }

    /// <summary>Takes the report of an attempt.</summary>
    /// <param name="began">The generation when it began.</param>
    /// <param name="condition">What it found.</param>
    /// <param name="reason">What the site said.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="now">The time.</param>
    /// <param name="handBack">Entries that waited for a site that is closed now.</param>
    /// <returns>The change to tell, and whether one more worker is to be started.</returns>
    public (SiteChange? Change, bool StartOne) Report(
        int began, SiteCondition? condition, string reason, TimeSpan duration, DateTimeOffset now, out IReadOnlyList<DueEntry> handBack)
    {
        handBack = [];
        lock (gate)
        {
            lastSign = now;
            averageSeconds = averageSeconds == 0 ? duration.TotalSeconds : (averageSeconds * 0.9) + (duration.TotalSeconds * 0.1);
            if (!adapts || began != generation)
                return default;
            switch (condition)
            {
                case SiteCondition.Reached:
                    return Grow(reason);
                case SiteCondition.Busy when limit > 1:
                    generation++;
                    successes = 0;
                    limit /= 2;
                    return (new SiteChange(key, SiteCondition.Busy, reason, limit, null), false);
                case SiteCondition.Busy or SiteCondition.Unreachable:
                    Close(condition.Value, reason, now);
                    handBack = ready.Drain();
                    return (new SiteChange(key, condition.Value, reason, limit, closedUntil), false);
                default:
                    return default;
            }
        }
    }

    /// <summary>Ends the time in which it is left alone. It gets one attempt at first, as it would at the end of that time.</summary>
    public void Reopen()
    {
        lock (gate)
            closedUntil = DateTimeOffset.MinValue;
    }

    /// <summary>What an entry is told that goes back because the site is closed.</summary>
    public string WhyClosed(SiteCondition condition, string reason) =>
        condition == SiteCondition.Busy ? $"{key} is busy: {reason}" : $"{key} cannot be reached: {reason}";

    /// <summary>Takes away everything that waits.</summary>
    public IReadOnlyList<DueEntry> TakeAll()
    {
        lock (gate)
            return ready.Drain();
    }

    private (SiteChange? Change, bool StartOne) Grow(string reason)
    {
        failures = 0;
        if (limit >= options.MaxAttempts || ++successes < limit)
            return default;
        successes = 0;
        limit++;
        var startOne = ready.Count > 0 && active < limit;
        if (startOne)
            active++;
        return (limit == options.MaxAttempts ? new SiteChange(key, SiteCondition.Reached, reason, limit, null) : null, startOne);
    }

    private void Close(SiteCondition condition, string reason, DateTimeOffset now)
    {
        var doublings = Math.Min(failures, 20);
        failures++;
        generation++;
        successes = 0;
        limit = 1;
        var backOff = TimeSpan.FromTicks(Math.Min(options.FirstBackOff.Ticks << doublings, options.LongestBackOff.Ticks));
        closedUntil = now + backOff;
        closedReason = WhyClosed(condition, reason);
    }

    // One that has stopped answering is as slow as the time since it last did, or was given something to do.
    private int ReadyLimit(DateTimeOffset now)
    {
        var least = Math.Min(options.MinReady, options.MaxReady);
        if (averageSeconds == 0)
            return least;
        var pace = Math.Max(averageSeconds, active > 0 ? (now - lastSign).TotalSeconds : 0);
        return (int)Math.Clamp(limit * readyFor.TotalSeconds / pace, least, options.MaxReady);
    }

    // Half of the time in which what waits will be served: the site is never idle while the queue has mail for it.
    private TimeSpan WaitWhenFull()
    {
        var drain = TimeSpan.FromSeconds(ready.Count * averageSeconds / limit / 2);
        return drain < shortestWait ? shortestWait : drain > longestWait ? longestWait : drain;
    }
}
