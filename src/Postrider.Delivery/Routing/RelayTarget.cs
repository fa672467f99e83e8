using System.Collections.Immutable;
using Postrider.Delivery.Relay;

namespace Postrider.Delivery.Routing;

/// <summary>Another server, or several that stand in for each other: a smarthost with failover.</summary>
public sealed class RelayTarget : RouteTarget
{
    /// <summary>Makes the target.</summary>
    /// <param name="hosts">The servers in the order in which they are tried; at least one.</param>
    /// <exception cref="ArgumentException">There is no host.</exception>
    public RelayTarget(params ImmutableArray<RelayHost> hosts)
        : this(RelayTerms.Default, hosts)
    {
    }

    /// <summary>Makes the target.</summary>
    /// <param name="terms">On what terms mail is handed to the servers.</param>
    /// <param name="hosts">The servers in the order in which they are tried; at least one.</param>
    /// <exception cref="ArgumentException">There is no host.</exception>
    public RelayTarget(RelayTerms terms, params ImmutableArray<RelayHost> hosts)
        : base("relay:" + string.Join(',', hosts) + terms.KeySuffix())
    {
        if (hosts.IsDefaultOrEmpty)
            throw new ArgumentException("A relay target has at least one host.", nameof(hosts));
        Terms = terms;
        Hosts = hosts;
    }

    /// <summary>On what terms mail is handed to the servers.</summary>
    public RelayTerms Terms { get; }

    /// <summary>The servers in the order in which they are tried; at least one.</summary>
    public ImmutableArray<RelayHost> Hosts { get; }
}
