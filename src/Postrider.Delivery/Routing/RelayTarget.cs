using System.Collections.Immutable;

namespace Postrider.Delivery.Routing;

/// <summary>Another server, or several that stand in for each other: a smarthost with failover.</summary>
public sealed class RelayTarget : RouteTarget
{
    /// <summary>Makes the target.</summary>
    /// <param name="hosts">The servers in the order in which they are tried; at least one.</param>
    /// <exception cref="ArgumentException">There is no host.</exception>
    public RelayTarget(params ImmutableArray<RelayHost> hosts)
        : base("relay:" + string.Join(',', hosts))
    {
        if (hosts.IsDefaultOrEmpty)
            throw new ArgumentException("A relay target has at least one host.", nameof(hosts));
        Hosts = hosts;
    }

    /// <summary>The servers in the order in which they are tried; at least one.</summary>
    public ImmutableArray<RelayHost> Hosts { get; }
}
