using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Postrider.Delivery.People;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Admission;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Greylisting;
using Postrider.Hosting.People;
using Postrider.Hosting.Reception;
using Postrider.Hosting.Tokens;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Client;
using Postrider.Smtp.Server;

namespace Postrider.Hosting;

/// <summary>An address to listen at.</summary>
internal readonly record struct ListenerSettings(IPEndPoint EndPoint, bool IsOptional, PeerNetworks Proxies, ListenerTls Tls, bool AsksForClientCertificate, ListenerKind Kind);

/// <summary>How much mail a sandbox keeps.</summary>
internal sealed record SandboxBound(int Messages, long Size);

/// <summary>The options, checked and frozen; swapped whole where they change.</summary>
internal sealed record MailServerSettings
{
    public required string Hostname { get; init; }

    public required string DataFolder { get; init; }

    public required ImmutableArray<ListenerSettings> Listeners { get; init; }

    public required ImmutableArray<IPNetwork> RelayFrom { get; init; }

    public required RoutingTable Routes { get; init; }

    /// <summary>Who is here, as the routes know it too, or null: everybody.</summary>
    public required AddressBook? People { get; init; }

    /// <summary>Who is told who is here.</summary>
    public required AskRights Asking { get; init; }

    /// <summary>Who may fetch the mail of which domains; the routes know the domains too.</summary>
    public required FetchRights Fetching { get; init; }

    public required SandboxBound? Sandbox { get; init; }

    /// <summary>Whose access tokens log somebody in, or null.</summary>
    public required TokenOptions? Tokens { get; init; }

    /// <summary>The file of accounts.</summary>
    public required string Accounts { get; init; }

    /// <summary>The files that TLS needs.</summary>
    public required TlsFiles Tls { get; init; }

    /// <summary>What each session works by, for each kind of listener.</summary>
    public required FrozenDictionary<(ListenerTls Tls, ListenerKind Kind), ServerSettings> Sessions { get; init; }

    /// <summary>What the sessions of a listener work by.</summary>
    public ServerSettings SessionFor(ListenerSettings listener) => Sessions[(listener.Tls, listener.Kind)];

    /// <summary>What a session on a connection of ours works by whose roles have changed.</summary>
    public ServerSettings TurnedSession => Sessions[(ListenerTls.Off, ListenerKind.Turned)];

    /// <summary>How many sessions there may be at the same time.</summary>
    public required int Connections { get; init; }

    /// <summary>The limits by address, network and account.</summary>
    public required AdmissionSettings Admission { get; init; }

    /// <summary>Greylisting, or null where it is off.</summary>
    public required GreylistOptions? Greylist { get; init; }

    /// <summary>Block lists; empty for none.</summary>
    public required ImmutableArray<string> BlockLists { get; init; }

    /// <summary>Whether DNS is asked for domains that take no mail.</summary>
    public required bool RefusesNullMx { get; init; }

    /// <summary>DNS servers; empty for those of the system.</summary>
    public required ImmutableArray<IPEndPoint> DnsServers { get; init; }

    /// <summary>Received fields beyond which a message goes round in a circle.</summary>
    public required int ReceivedFields { get; init; }

    /// <summary>Parts of a message that are looked at.</summary>
    public required int MimeParts { get; init; }

    /// <summary>How we speak to other servers.</summary>
    public ClientSettings ClientFor(string helloName) => new() { HelloName = helloName, Limits = new ClientLimits { MaxMimeParts = MimeParts } };

    /// <summary>The domain of addresses that are submitted without one, or null: there is none.</summary>
    public required string? DefaultDomain { get; init; }

    /// <summary>Octets of memory that sessions may grow by, all of them together.</summary>
    public required long SessionMemory { get; init; }

    /// <summary>Octets of memory for the bodies of all sessions together.</summary>
    public required long BodyMemory { get; init; }

    /// <summary>For how long who submits mail may have it kept; nothing where nobody may.</summary>
    public required TimeSpan LongestHold { get; init; }

    /// <summary>Octets that have to be free on the disk for a message that is to be kept.</summary>
    public required long HoldReserve { get; init; }

    /// <summary>How high a priority peers may have, or null where nobody is offered any.</summary>
    public required PriorityRights? Priorities { get; init; }

    public required RetrySchedule Retry { get; init; }

    public required TimeSpan StopTimeout { get; init; }
}
