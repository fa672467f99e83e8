using System.Collections.Immutable;
using System.Net;

namespace Postrider.Smtp.Server;

/// <summary>Networks that peers are in, for what an operator trusts some with: proxies, content filters. Immutable, and equal by value.</summary>
public sealed class PeerNetworks : IEquatable<PeerNetworks>
{
    private readonly ImmutableArray<IPNetwork> networks;

    /// <summary>These networks.</summary>
    public PeerNetworks(params ImmutableArray<IPNetwork> networks) => this.networks = networks;

    /// <summary>No network.</summary>
    public static PeerNetworks None { get; } = new();

    /// <summary>Whether an address is in one of the networks; an IPv4 address mapped to IPv6 counts as itself.</summary>
    public static bool Contain(ImmutableArray<IPNetwork> networks, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>Whether a peer is in one of them; one without an address is in none.</summary>
    public bool Contains(IPAddress? peer) => peer is not null && Contain(networks, peer);

    /// <inheritdoc/>
    public bool Equals(PeerNetworks? other) => other is not null && networks.AsSpan().SequenceEqual(other.networks.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PeerNetworks);

    /// <inheritdoc/>
    public override int GetHashCode() => networks.Length == 0 ? 0 : HashCode.Combine(networks.Length, networks[0]);
}
