using System.Collections.Immutable;
using System.Net;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Admission;

/// <summary>The limits by address, network and account, checked and frozen; swapped whole by a reload.</summary>
internal sealed record AdmissionSettings
{
    public required int PerAddress { get; init; }

    public required int PerNetwork { get; init; }

    public required RateLimit Connections { get; init; }

    public required RateLimit Messages { get; init; }

    public required RateLimit Recipients { get; init; }

    public required RateLimit AccountMessages { get; init; }

    public required RateLimit AccountRecipients { get; init; }

    public required RateLimit LoginFailures { get; init; }

    public required RateLimit AccountLoginFailures { get; init; }

    public required TimeSpan GreetingDelay { get; init; }

    public required int IPv4Network { get; init; }

    public required int IPv6Address { get; init; }

    public required int IPv6Network { get; init; }

    public required ImmutableArray<IPNetwork> Exempt { get; init; }

    /// <summary>Whether the limits of address and network leave a client alone. One without an address is on this machine.</summary>
    public bool IsExempt(IPAddress? client) => client is null || PeerNetworks.Contain(Exempt, client);

    /// <summary>What counts as one address.</summary>
    public AddressBlock AddressOf(IPAddress client) => AddressBlock.Of(client, 32, IPv6Address);

    /// <summary>What greylisting knows a client as: a sender's hosts are near each other.</summary>
    public AddressBlock GreylistedAs(IPAddress client) => AddressBlock.Of(client, IPv4Network, IPv6Address);

    /// <summary>What counts as one network.</summary>
    public AddressBlock NetworkOf(IPAddress client) => AddressBlock.Of(client, IPv4Network, IPv6Network);
}
