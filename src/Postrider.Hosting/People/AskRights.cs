using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.People;

/// <summary>Which peers may ask for something.</summary>
internal sealed class AskRights
{
    private readonly ImmutableArray<IPNetwork> networks;
    private readonly FrozenSet<string> accounts;
    private readonly bool isAnyAccount;

    public AskRights(ImmutableArray<IPNetwork> networks, IEnumerable<string> accounts)
    {
        this.networks = networks;
        this.accounts = accounts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        isAnyAccount = this.accounts.Contains("*");
    }

    /// <summary>Nobody.</summary>
    public static AskRights Nobody { get; } = new([], []);

    /// <summary>Whether there is no such peer.</summary>
    public bool IsNobody => networks.IsEmpty && accounts.Count == 0;

    /// <summary>Whether a peer may. One without an address is on this machine, and counts as its loopback.</summary>
    public bool MayAsk(SessionFacts facts) =>
        PeerNetworks.Contain(networks, facts.PeerAddress ?? IPAddress.Loopback)
        || (facts.Account is { } account && (isAnyAccount || accounts.Contains(account)));
}
