namespace Postrider.Delivery.Sites;

/// <summary>The limits of one site: as much as it is given at most, and how long it is left alone when it is down.</summary>
public sealed record SiteOptions
{
    /// <summary>
    /// Attempts at the same time at most, so connections; 1 or more. 20 is what most servers allow one
    /// client. A remote site is halved when it asks for less, and grows back.
    /// </summary>
    public int MaxAttempts { get; init; } = 20;

    /// <summary>
    /// Attempts at the same time that a remote site gets before any has succeeded, so that many that do
    /// not answer cost little; 10 unless set.
    /// </summary>
    public int FirstAttempts { get; init; } = 10;

    /// <summary>
    /// Entries that wait here for an attempt at most; beyond it they go back to the queue. 20,000 take 640 KB.
    /// A site has as many of them as it served in the last two seconds, and <see cref="MinReady"/> at least.
    /// </summary>
    public int MaxReady { get; init; } = 20_000;

    /// <summary>Entries that may wait for a site that is slow, or not known yet; 50 unless set.</summary>
    public int MinReady { get; init; } = 50;

    /// <summary>How long a site that cannot be reached is left alone at first. Doubles with each further failure.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long it is left alone at most. 15 minutes, well under the 30 of RFC 5321 §4.5.4.1, so that no message waits longer for a site than for its own next attempt.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromMinutes(15);
}
