namespace Postrider.Hosting.Submission;

/// <summary>Whether those who submit mail may have it kept until later (FUTURERELEASE, RFC 4865).</summary>
public sealed class FutureReleaseOptions
{
    /// <summary>For how long at most: 1 minute to 45 days; nothing turns it off. 30 days unless set.</summary>
    public TimeSpan Longest { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Octets that have to be free on the disk beyond what mail for now needs: 0 or more. 1 GiB unless set.</summary>
    public long Reserve { get; set; } = 1L << 30;
}
