namespace Postrider.Hosting.Greylisting;

/// <summary>
/// Greylisting (RFC 6647): mail from a network that is not known yet is put off once, with 451. What sends without a queue does not come
/// again. The figures are Postgrey's, which have proven themselves.
/// </summary>
public sealed class GreylistOptions
{
    /// <summary>How long a client has to wait at least. 5 minutes unless set.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long it has to come again. 2 days unless set.</summary>
    public TimeSpan RetryWindow { get; set; } = TimeSpan.FromDays(2);

    /// <summary>How long a network that came again is known, from the last time that it came. 35 days unless set.</summary>
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(35);
}
