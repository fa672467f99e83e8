using System.Collections.Immutable;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// When mail is tried again, and when it is given up (RFC 5321 §4.5.4.1): a pure function of the
/// attempts made and the age of the message.
/// </summary>
public sealed class RetrySchedule
{
    /// <summary>
    /// 1, 5, 15 and 30 minutes, 1 and 2 hours, then every 4 hours, for 5 days. §4.5.4.1 wants 30 minutes
    /// at least in general, sooner at first, and 4 to 5 days before giving up.
    /// </summary>
    public static readonly RetrySchedule Default = new(
        [
            TimeSpan.FromMinutes(1),
            TimeSpan.FromMinutes(5),
            TimeSpan.FromMinutes(15),
            TimeSpan.FromMinutes(30),
            TimeSpan.FromHours(1),
            TimeSpan.FromHours(2),
            TimeSpan.FromHours(4),
        ],
        TimeSpan.FromDays(5));

    // The look after which the next is late is the one that tells it: the first would tell it at once.
    private static readonly TimeSpan beforeLate = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<TimeSpan> intervals;
    private readonly TimeSpan? lookAt;

    /// <summary>Makes a schedule.</summary>
    /// <param name="intervals">The waits after the first attempt, the second and so on; the last one is used again and again.</param>
    /// <param name="maximumAge">After how long mail is given up; one attempt is made at that age.</param>
    /// <param name="spread">By which part an interval is lengthened or shortened at random, so that what failed together does not come back together; 0 to 0.5, 0.1 unless told.</param>
    /// <exception cref="ArgumentException">There is no interval, or one is not positive.</exception>
    public RetrySchedule(IEnumerable<TimeSpan> intervals, TimeSpan maximumAge, double spread = 0.1)
    {
        this.intervals = [.. intervals];
        if (this.intervals.IsEmpty || this.intervals.Any(interval => interval <= TimeSpan.Zero))
            throw new ArgumentException("A retry schedule has at least one interval, and each is longer than nothing.", nameof(intervals));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maximumAge, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(spread, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spread, 0.5);
        MaximumAge = maximumAge;
        Spread = spread;
    }

    private RetrySchedule(RetrySchedule whole, TimeSpan lookAt)
        : this(whole.intervals, whole.MaximumAge, whole.Spread) => this.lookAt = lookAt;

    /// <summary>The waits after each attempt; the last one is used again and again.</summary>
    public IReadOnlyList<TimeSpan> Intervals => intervals;

    /// <summary>After how long mail is given up.</summary>
    public TimeSpan MaximumAge { get; }

    /// <summary>By which part an interval varies.</summary>
    public double Spread { get; }

    /// <summary>How long to wait for the next attempt, or null: the mail is given up.</summary>
    /// <param name="attempts">Attempts made, this one counted; 1 or more.</param>
    /// <param name="age">Time since the message was accepted.</param>
    /// <param name="chance">A random number, 0 to 1.</param>
    public TimeSpan? Next(int attempts, TimeSpan age, double chance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        if (age >= MaximumAge)
            return null;
        if (lookAt is { } look)
            return age < look && look < MaximumAge ? look - age : MaximumAge - age;
        var interval = intervals[Math.Min(attempts, intervals.Length) - 1] * (1 + (Spread * ((2 * chance) - 1)));
        var left = MaximumAge - age;
        return interval < left ? interval : left;
    }

    /// <summary>
    /// The same for mail that is not tried but waits to be fetched: it is looked at as often as its sender may have to be
    /// told something, once before it is late and once when it is given up.
    /// </summary>
    /// <param name="lateAfter">The age at which a delay is told.</param>
    internal RetrySchedule ToBeFetched(TimeSpan lateAfter) => new(this, lateAfter - beforeLate);
}
