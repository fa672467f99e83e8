namespace Postrider.Hosting;

/// <summary>When mail that failed for now is tried again (RFC 5321 §4.5.4.1).</summary>
public sealed class RetryOptions
{
    /// <summary>
    /// The waits after the first attempt, the second and so on; the last one is used again and again.
    /// 1, 5, 15 and 30 minutes, 1, 2 and 4 hours unless set.
    /// </summary>
    public IList<TimeSpan> After { get; set; } =
    [
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(15),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(4),
    ];

    /// <summary>The age at which mail is returned to its sender. 5 days unless set (RFC 5321 §4.5.4.1: at least 4 to 5 days).</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(5);
}
