using Postrider.Delivery.Routing;
using Postrider.Queue.Scheduling;

namespace Postrider.Hosting.Fetching;

/// <summary>
/// The mail that is queued for domains whose peers may fetch it. Each such domain is a next hop of its own
/// (<see cref="FetchKey"/>), so that the queue knows at once how much there is.
/// </summary>
/// <param name="queue">The queue.</param>
/// <param name="router">Where mail goes.</param>
/// <param name="reopen">Lets mail go to a next hop again that is being left alone.</param>
internal sealed class WaitingMail(MailQueue queue, Router router, Action<string> reopen)
{
    /// <summary>The domains that patterns stand for, and what waits for them.</summary>
    /// <param name="patterns">Domains that the peer may fetch.</param>
    /// <returns>Each domain named, even where nothing waits for it, unless it has no route; and each below a pattern for which something does.</returns>
    public IReadOnlyList<WaitingDomain> Find(IEnumerable<DomainPattern> patterns)
    {
        var found = new Dictionary<string, WaitingDomain>(StringComparer.Ordinal);
        IReadOnlyList<NextHopCounts>? hops = null;
        var routes = router.Current;
        foreach (var pattern in patterns)
        {
            if (!pattern.IsBelow)
            {
                if (routes.FindFetched(pattern.Domain) is { } route)
                    found[route.Key] = new WaitingDomain(route.Domain!, route.Key, route.Target, Pending(queue.CountOf(route.Key))) { UnderWay = queue.CountOf(route.Key)?.Leased ?? 0 };
                continue;
            }
            foreach (var hop in hops ??= queue.CountByNextHop())
            {
                if (FetchKey.DomainOf(hop.NextHop) is { } domain && pattern.Contains(domain) && routes.FindTarget(hop.NextHop) is { } target)
                    found[hop.NextHop] = new WaitingDomain(domain, hop.NextHop, target, Pending(hop)) { UnderWay = hop.Leased };
            }
        }
        return [.. found.Values];
    }

    /// <summary>Lets mail go to domains again that are being left alone; what waits on demand and comes in the next minutes goes, too.</summary>
    public void Open(IEnumerable<WaitingDomain> domains)
    {
        foreach (var domain in domains)
            reopen(domain.NextHop);
    }

    /// <summary>Sends what waits for domains to where it goes. They are open (<see cref="Open"/>).</summary>
    /// <returns>How many entries were made due.</returns>
    public Task<int> StartAsync(IEnumerable<WaitingDomain> domains, CancellationToken cancellationToken = default) =>
        queue.RetryAllAsync(Keys(domains), cancellationToken);

    /// <summary>Takes what waits for domains out of the queue, for the connection of a peer.</summary>
    public LeaseRun Lease(IEnumerable<WaitingDomain> domains) => queue.Lease(Keys(domains));

    private static HashSet<string> Keys(IEnumerable<WaitingDomain> domains) => [.. domains.Select(static domain => domain.NextHop)];

    private static int Pending(NextHopCounts? counts) => counts is null ? 0 : counts.Entries - counts.Held;
}

/// <summary>What waits for a domain.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="NextHop">The key of its next hop.</param>
/// <param name="Target">Where its mail goes.</param>
/// <param name="Messages">Entries that are queued and not held.</param>
internal readonly record struct WaitingDomain(string Domain, string NextHop, RouteTarget Target, int Messages)
{
    /// <summary>Those of them that are being tried already.</summary>
    public int UnderWay { get; init; }
}
