namespace Postrider.Delivery.Sites;

/// <summary>The limits of the dispatcher.</summary>
public sealed record DispatcherOptions
{
    /// <summary>The limits of each site that is another server.</summary>
    public SiteOptions Remote { get; init; } = new();

    /// <summary>
    /// The limits of each place on this machine. 128 attempts at the same time make batches that are
    /// worth a sync; more than 16 files are never open for one attempt. A disk does not keep mail waiting for minutes.
    /// </summary>
    public SiteOptions Local { get; init; } = new() { MaxAttempts = 128, MinReady = 20_000 };

    /// <summary>Sites that are remembered; beyond it those that rest are forgotten, with what was learnt of them.</summary>
    public int MaxSites { get; init; } = 10_000;

    /// <summary>
    /// How long mail on demand flows after it was asked for, or after the last of it has gone; 5 minutes unless set. What
    /// comes while the peer is there need not wait for it to ask again.
    /// </summary>
    public TimeSpan DemandLasts { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an agent may take to give up after it was told to, when the program stops.</summary>
    public TimeSpan GiveUpTime { get; init; } = TimeSpan.FromSeconds(5);
}
