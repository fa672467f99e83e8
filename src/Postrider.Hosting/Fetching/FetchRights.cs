using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Fetching;

/// <summary>Which peers may fetch the mail of which domains. Immutable.</summary>
internal sealed class FetchRights
{
    private readonly ImmutableArray<(ImmutableArray<IPNetwork> Networks, ImmutableArray<DomainPattern> Domains)> byNetwork;
    private readonly FrozenDictionary<string, ImmutableArray<DomainPattern>> byAccount;
    private readonly FrozenDictionary<string, ImmutableArray<DomainPattern>> byCertificate;

    public FetchRights(IReadOnlyList<FetchRight> rights)
    {
        Domains = [.. rights.SelectMany(static right => right.Domains).Distinct()];
        ProvenDomains = [.. rights.Where(static right => !right.Accounts.IsEmpty || !right.Certificates.IsEmpty).SelectMany(static right => right.Domains).Distinct()];
        byNetwork = [.. rights.Where(static right => !right.Networks.IsEmpty).Select(static right => (right.Networks, right.Domains))];
        byAccount = ByName(rights, static right => right.Accounts);
        byCertificate = ByName(rights, static right => right.Certificates);
    }

    /// <summary>Nobody.</summary>
    public static FetchRights Nobody { get; } = new([]);

    /// <summary>Whether nobody may fetch anything.</summary>
    public bool IsNobody => Domains.IsEmpty;

    /// <summary>Whether some account may.</summary>
    public bool HasAccounts => byAccount.Count > 0;

    /// <summary>The domains whose mail somebody may fetch.</summary>
    public ImmutableArray<DomainPattern> Domains { get; }

    /// <summary>Those of them that somebody may fetch over a connection of its own.</summary>
    public ImmutableArray<DomainPattern> ProvenDomains { get; }

    /// <summary>Whether a peer may fetch anything, by whatever is known of it.</summary>
    public bool MayFetch(SessionFacts facts) => !IsNobody && !DomainsOf(facts).IsEmpty;

    /// <summary>The domains whose mail a peer may have sent to where it goes. One without an address is on this machine, and counts as its loopback.</summary>
    public ImmutableArray<DomainPattern> DomainsOf(SessionFacts facts)
    {
        var domains = ProvenDomainsOf(facts);
        foreach (var (networks, more) in byNetwork)
        {
            if (PeerNetworks.Contain(networks, facts.PeerAddress ?? IPAddress.Loopback))
                domains = domains.AddRange(more);
        }
        return domains;
    }

    /// <summary>The domains whose mail a peer may be given on its own connection, since it has proven who it is: an address proves nothing.</summary>
    public ImmutableArray<DomainPattern> ProvenDomainsOf(SessionFacts facts)
    {
        ImmutableArray<DomainPattern> domains = facts.Account is { } account && byAccount.TryGetValue(account, out var ofAccount) ? ofAccount : [];
        if (byCertificate.Count == 0 || facts.Tls?.PeerCertificate is not { } certificate)
            return domains;
        if (byCertificate.TryGetValue(certificate.Fingerprint, out var more))
            domains = domains.AddRange(more);
        foreach (var name in certificate.IsTrusted ? certificate.Names : [])
        {
            if (byCertificate.TryGetValue(name, out more))
                domains = domains.AddRange(more);
        }
        return domains;
    }

    private static FrozenDictionary<string, ImmutableArray<DomainPattern>> ByName(IReadOnlyList<FetchRight> rights, Func<FetchRight, ImmutableArray<string>> names) =>
        rights
            .SelectMany(right => names(right).Select(name => (Name: name, right.Domains)))
            .GroupBy(static pair => pair.Name, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(static group => group.Key, static group => group.SelectMany(static pair => pair.Domains).ToImmutableArray(), StringComparer.OrdinalIgnoreCase);
}

/// <summary>One line of the rights: these peers, these domains.</summary>
internal sealed record FetchRight(ImmutableArray<DomainPattern> Domains, ImmutableArray<IPNetwork> Networks, ImmutableArray<string> Accounts, ImmutableArray<string> Certificates);
