using System.Security.Cryptography;

namespace Postrider.Queue.Scheduling;

/// <summary>How a queue behaves. An immutable snapshot; a value out of range is refused where it is set.</summary>
public sealed record MailQueueOptions
{
    /// <summary>The name of this host, which reports come from.</summary>
    public required string HostName
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            field = value;
        }
    }

    /// <summary>When mail is tried again and given up.</summary>
    public RetrySchedule Retry { get; init; } = RetrySchedule.Default;

    /// <summary>The same for mail with the null sender, reports above all: nobody waits for it, and nobody is told.</summary>
    public RetrySchedule ReportRetry { get; init; } = RetrySchedule.Default;

    /// <summary>
    /// How many entries may be leased to delivery at once, at least 2; 50,000 unless told. A next hop
    /// gets another lease only while it holds less than an eighth of those that are free (alone it gets
    /// a ninth of all), so that a few stuck destinations leave enough for the others.
    /// </summary>
    public int MaximumLeases
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 2);
            field = value;
        }
    } = 50_000;

    /// <summary>How long an outcome may wait for others to share its commit; 20 ms unless told, at most 50 ms (rule 18).</summary>
    public TimeSpan OutcomeDelay
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMilliseconds(50));
            field = value;
        }
    } = TimeSpan.FromMilliseconds(20);

    /// <summary>How many outcomes may not yet be on disk before delivery waits; 1,000 unless told, and at most (rule 18).</summary>
    public int MaximumUnsynced
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1000);
            field = value;
        }
    } = 1000;

    /// <summary>How many attempts may begin without an end before an entry is put on hold; 3 unless told (rule 19).</summary>
    public int MaximumStarts
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 3;

    /// <summary>
    /// The age at which a message that waits is reported to a sender who asked for that (NOTIFY=DELAY, RFC 3461 §4.1);
    /// 4 hours unless told. It is told once, at the attempt after which the next lies beyond that age.
    /// </summary>
    public TimeSpan DelayReportAfter
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromHours(4);

    /// <summary>
    /// Up to how many octets a message goes whole into a report of its failure; of a longer one only the header block does.
    /// 50 KiB unless told, and 1 MiB at least where the sender asked for the whole (RET=FULL, RFC 3461 §4.3).
    /// </summary>
    public int WholeMessageInReport
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 50 * 1024;

    /// <summary>Fills a span with random octets: the boundaries and names of reports, and the spread of retries.</summary>
    public FillRandom Random { get; init; } = RandomNumberGenerator.Fill;
}

/// <summary>Fills a span with random octets.</summary>
/// <param name="octets">What to fill.</param>
public delegate void FillRandom(Span<byte> octets);
