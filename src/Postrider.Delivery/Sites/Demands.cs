namespace Postrider.Delivery.Sites;

/// <summary>
/// The next hops whose mail goes on demand, and has been asked for: each for a while, as long as mail goes there. Any
/// thread.
/// </summary>
/// <param name="lasts">How long a demand lasts, from when it was made or from the last success.</param>
/// <param name="most">How many are remembered before those that are over are forgotten.</param>
internal sealed class Demands(TimeSpan lasts, int most)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> until = new(StringComparer.Ordinal);

    /// <summary>Notes that the mail of a next hop is asked for.</summary>
    public void Begin(string nextHop, DateTimeOffset now)
    {
        lock (gate)
        {
            until[nextHop] = now + lasts;
            if (until.Count <= most)
                return;
            foreach (var (other, end) in until)
            {
                if (now >= end)
                    until.Remove(other);
            }
        }
    }

    /// <summary>Whether the mail of a next hop goes now.</summary>
    public bool Has(string nextHop, DateTimeOffset now)
    {
        lock (gate)
            return until.TryGetValue(nextHop, out var end) && now < end;
    }

    /// <summary>Notes what an attempt found: while mail goes there more of it may; a place that is gone has to ask again.</summary>
    public void Note(string nextHop, SiteCondition? condition, DateTimeOffset now)
    {
        lock (gate)
        {
            if (condition == SiteCondition.Unreachable)
                until.Remove(nextHop);
            else if (condition == SiteCondition.Reached && until.ContainsKey(nextHop))
                until[nextHop] = now + lasts;
        }
    }
}
