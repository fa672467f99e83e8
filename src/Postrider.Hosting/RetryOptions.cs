namespace Postrider.Hosting;

/// <summary>When mail that failed for now is tried again (RFC 5321 §4.5.4.1).</summary>
public sealed class RetryOptions
{
    /// <summary>How long after the first failure. 15 minutes unless set.</summary>
    public TimeSpan First { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The longest time between two attempts. 4 hours unless set.</summary>
    public TimeSpan Longest { get; set; } = TimeSpan.FromHours(4);

    /// <summary>The age at which mail is returned to its sender. 5 days unless set (RFC 5321 §4.5.4.1: at least 4 to 5 days).</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(5);
}
