using System.Collections.Immutable;
using System.Net;
using Postrider.Delivery.People;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.People;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>Who may send what where. Immutable: a session keeps the one it started with.</summary>
internal sealed class ReceptionPolicy(string hostname, RoutingTable routes, ImmutableArray<IPNetwork> relayFrom, bool isSandbox = false)
{
    /// <summary>The name in trace fields.</summary>
    public string Hostname { get; } = hostname;

    /// <summary>Where mail goes.</summary>
    public RoutingTable Routes { get; } = routes;

    /// <summary>Received fields beyond which a message goes round in a circle (RFC 5321 §6.3).</summary>
    public int ReceivedFields { get; init; } = 100;

    /// <summary>The domain of addresses that are submitted without one (RFC 6409 §4.2), or null: there is none.</summary>
    public string? DefaultDomain { get; init; }

    /// <summary>For how long a message may be kept before it is sent on (RFC 4865).</summary>
    public TimeSpan LongestHold { get; init; }

    /// <summary>Octets that have to be free for a message that is to be kept.</summary>
    public long HoldReserve { get; init; }

    /// <summary>How high a priority peers may have (RFC 6710), or null where nobody is offered any.</summary>
    public PriorityRights? Priorities { get; init; }

    /// <summary>Whether everything is taken and kept as it came.</summary>
    public bool IsSandbox { get; } = isSandbox;

    /// <summary>Who is told who is here.</summary>
    public AskRights Asking { get; init; } = AskRights.Nobody;

    /// <summary>Who may fetch the mail of which domains.</summary>
    public FetchRights Fetching { get; init; } = FetchRights.Nobody;

    /// <summary>Who is here, or null: everybody.</summary>
    public AddressBook? People { get; init; }

    /// <summary>Whether a client may send to domains that no rule names. One without an address is on this machine.</summary>
    public bool MayRelay(IPAddress? client) => client is null || PeerNetworks.Contain(relayFrom, client);
}
