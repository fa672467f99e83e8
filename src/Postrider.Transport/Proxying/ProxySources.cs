using System.Collections.Immutable;
using System.Net;

namespace Postrider.Transport.Proxying;

/// <summary>The proxies of a listener: from them a connection begins with a PROXY header, from all others it must not. Immutable, and equal by value.</summary>
public sealed class ProxySources : IEquatable<ProxySources>
{
    private readonly ImmutableArray<IPNetwork> networks;

    /// <summary>Trusts these networks.</summary>
    public ProxySources(params ImmutableArray<IPNetwork> networks) => this.networks = networks;

    /// <summary>No proxies.</summary>
    public static ProxySources None { get; } = new();

    /// <summary>Whether a peer is one of them; an IPv4 address mapped to IPv6 counts as itself.</summary>
    public bool Contains(IPAddress? peer)
    {
        if (peer is null)
            return false;
        if (peer.IsIPv4MappedToIPv6)
            peer = peer.MapToIPv4();
        foreach (var network in networks)
        {
            if (network.Contains(peer))
                return true;
        }
        return false;
    }

    /// <inheritdoc/>
    public bool Equals(ProxySources? other) => other is not null && networks.AsSpan().SequenceEqual(other.networks.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ProxySources);

    /// <inheritdoc/>
    public override int GetHashCode() => networks.Length == 0 ? 0 : HashCode.Combine(networks.Length, networks[0]);
}
