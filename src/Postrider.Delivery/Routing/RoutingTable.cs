using System.Collections.Frozen;
using Postrider.Delivery.People;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Delivery.Routing;

/// <summary>
/// Where mail goes, by its recipient's domain. Immutable; a reload replaces it whole (<see cref="Router"/>).
/// The most specific rule wins: the domain itself, then the longest domain above it, then the default.
/// </summary>
public sealed class RoutingTable
{
    /// <summary>The key of mail that was accepted and that no rule is for now; it waits for one.</summary>
    public const string NoRouteKey = "no-route:";

    /// <summary>A table without a route.</summary>
    public static readonly RoutingTable Empty = new([]);

    private readonly FrozenDictionary<string, RouteTarget> exact;
    private readonly FrozenDictionary<string, RouteTarget> below;
    private readonly FrozenDictionary<string, RouteTarget>.AlternateLookup<ReadOnlySpan<char>> belowBySpan;
    private readonly FrozenDictionary<string, RouteTarget> byKey;
    private readonly RouteTarget? otherwise;
    private readonly RouteTarget? literals;
    private readonly ExpansionTarget? expansion;

    /// <summary>Makes a table.</summary>
    /// <param name="rules">The rules; their order is of no matter.</param>
    /// <param name="otherwise">Where mail goes that no rule is for, or null: there is no route then.</param>
    /// <param name="literals">Where mail for address literals goes that no rule names, or null: there is no route then.</param>
    /// <param name="postmaster">Who the bare <c>postmaster</c> is (RFC 5321 §4.5.1), or null: the default route takes it then.</param>
    /// <exception cref="ArgumentException">Two rules are for the same domains, or the postmaster has no domain.</exception>
    public RoutingTable(IEnumerable<RouteRule> rules, RouteTarget? otherwise = null, RouteTarget? literals = null, Mailbox? postmaster = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (postmaster is { IsBarePostmaster: true })
            throw new ArgumentException("The postmaster's mailbox has a domain.", nameof(postmaster));
        this.otherwise = otherwise;
        this.literals = literals;
        Postmaster = postmaster;

        var named = new Dictionary<string, RouteTarget>(StringComparer.OrdinalIgnoreCase);
        var under = new Dictionary<string, RouteTarget>(StringComparer.OrdinalIgnoreCase);
        var targets = new Dictionary<string, RouteTarget>(StringComparer.Ordinal);
        foreach (var (pattern, target) in rules)
        {
            var table = pattern.IsBelow ? under : named;
            if (!table.TryAdd(pattern.Domain, target))
                throw new ArgumentException($"Two routes are for {pattern}.", nameof(rules));
            if (DomainNames.OtherSpelling(pattern.Domain) is { } other && !table.TryAdd(other, target))
                throw new ArgumentException($"Two routes are for {pattern}, which is also written {other}.", nameof(rules));
            targets.TryAdd(target.Key, target);
        }
        if (otherwise is not null)
            targets.TryAdd(otherwise.Key, otherwise);
        if (literals is not null)
            targets.TryAdd(literals.Key, literals);
        if (targets.Values.Any(static target => target is MaildirTarget { People: not null }))
            targets.Add(ExpansionTarget.ExpansionKey, expansion = new ExpansionTarget(this));

        exact = named.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        below = under.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        belowBySpan = below.GetAlternateLookup<ReadOnlySpan<char>>();
        byKey = targets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Who the bare <c>postmaster</c> is, or null.</summary>
    public Mailbox? Postmaster { get; }

    /// <summary>
    /// Where mail for a mailbox goes, or null: it is neither ours nor is there a default, so that reception refuses it.
    /// An alias, a list or a forward goes to where it is expanded first.
    /// </summary>
    public Route? Find(Mailbox mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        var place = FindPlace(mailbox);
        return place is { Target: MaildirTarget { People: { } people } } && people.Find(WithDomain(mailbox)) is { IsExpanded: true }
            ? place.Value with { Target = expansion! }
            : place;
    }

    /// <summary>Where mail for a recipient goes, as above; one who is the end of an expansion goes to the mailbox itself.</summary>
    public Route? Find(EnvelopeRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return recipient.IsFinal ? FindPlace(recipient.Mailbox) : Find(recipient.Mailbox);
    }

    /// <summary>Where mail for a mailbox goes, whatever it stands for: the mailbox itself, if it is here.</summary>
    internal Route? FindPlace(Mailbox mailbox)
    {
        if (mailbox.IsBarePostmaster)
        {
            if (Postmaster is null)
                return otherwise is null ? null : new Route(otherwise, IsDefault: false);
            mailbox = Postmaster;
        }
        var domain = DomainNames.Normalize(mailbox.Domain);
        if (exact.TryGetValue(domain, out var target) || FindAbove(domain, out target))
            return new Route(target!, IsDefault: false);
        target = mailbox.IsLiteral ? literals : otherwise;
        return target is null ? null : new Route(target, IsDefault: true);
    }

    /// <summary>The key of a mailbox's next hop; <see cref="NoRouteKey"/> where there is no route.</summary>
    public string NextHopKey(Mailbox mailbox) => Find(mailbox)?.Target.Key ?? NoRouteKey;

    /// <summary>The key of a recipient's next hop: those with equal keys may share an envelope. <see cref="NoRouteKey"/> where there is no route.</summary>
    public string NextHopKey(EnvelopeRecipient recipient) => Find(recipient)?.Target.Key ?? NoRouteKey;

    /// <summary>The mailboxes that a recipient's is one of, where mail for its domain is delivered here, or null.</summary>
    public MaildirTarget? FindMailboxes(Mailbox mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        return FindPlace(mailbox)?.Target as MaildirTarget;
    }

    /// <summary>Who gets what is sent to an address, aliases, lists and forwards followed to their end.</summary>
    /// <param name="mailbox">The address.</param>
    /// <param name="limit">How many are wanted at most.</param>
    public IReadOnlyList<NamedMailbox> Expand(Mailbox mailbox, int limit) =>
        [.. new Expander(this).Expand(mailbox, ReversePath.Null).Take(limit).Select(static one => new NamedMailbox(one.Recipient.Mailbox, one.FullName))];

    /// <summary>The address itself, or that of the bare <c>postmaster</c>.</summary>
    public Mailbox WithDomain(Mailbox mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        return mailbox.IsBarePostmaster && Postmaster is not null ? Postmaster : mailbox;
    }

    /// <summary>The place that a key stands for, or null where this table has no such place (any more).</summary>
    public RouteTarget? FindTarget(string key) => byKey.GetValueOrDefault(key);

    private bool FindAbove(string domain, out RouteTarget? target)
    {
        target = null;
        if (below.Count == 0 || domain.StartsWith('['))
            return false;
        for (var dot = domain.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = domain.IndexOf('.', dot + 1))
        {
            if (belowBySpan.TryGetValue(domain.AsSpan(dot + 1), out target))
                return true;
        }
        return false;
    }
}
