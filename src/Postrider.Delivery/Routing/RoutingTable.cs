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

    private readonly DomainMap<RouteTarget> named;
    private readonly DomainMap<string?> fetched;
    private readonly FrozenDictionary<string, RouteTarget> byKey;
    private readonly RouteTarget? otherwise;
    private readonly RouteTarget? literals;
    private readonly ExpansionTarget? expansion;

    /// <summary>Makes a table.</summary>
    /// <param name="rules">The rules; their order is of no matter.</param>
    /// <param name="otherwise">Where mail goes that no rule is for, or null: there is no route then.</param>
    /// <param name="literals">Where mail for address literals goes that no rule names, or null: there is no route then.</param>
    /// <param name="postmaster">Who the bare <c>postmaster</c> is (RFC 5321 §4.5.1), or null: the default route takes it then.</param>
    /// <param name="fetched">The domains whose mail may be fetched: each has a key of its own, unless it is delivered here; or null: none.</param>
    /// <exception cref="ArgumentException">Two rules are for the same domains, or the postmaster has no domain.</exception>
    public RoutingTable(
        IEnumerable<RouteRule> rules,
        RouteTarget? otherwise = null,
        RouteTarget? literals = null,
        Mailbox? postmaster = null,
        IEnumerable<DomainPattern>? fetched = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (postmaster is { IsBarePostmaster: true })
            throw new ArgumentException("The postmaster's mailbox has a domain.", nameof(postmaster));
        this.otherwise = otherwise;
        this.literals = literals;
        Postmaster = postmaster;

        var all = rules.ToList();
        named = new DomainMap<RouteTarget>(all.Select(static rule => (rule.Pattern, rule.Target)));
        // A domain with two spellings has one key, in the one that is configured.
        this.fetched = new DomainMap<string?>((fetched ?? []).Select(static pattern => (pattern, pattern.IsBelow ? null : pattern.Domain)), firstCounts: true);
        var targets = new Dictionary<string, RouteTarget>(StringComparer.Ordinal);
        foreach (var (_, target) in all)
            targets.TryAdd(target.Key, target);
        if (otherwise is not null)
            targets.TryAdd(otherwise.Key, otherwise);
        if (literals is not null)
            targets.TryAdd(literals.Key, literals);
        if (targets.Values.Any(static target => target is MaildirTarget { People: not null }))
            targets.Add(ExpansionTarget.ExpansionKey, expansion = new ExpansionTarget(this));
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
        return FindDomain(DomainNames.Normalize(mailbox.Domain));
    }

    /// <summary>The key of a mailbox's next hop; <see cref="NoRouteKey"/> where there is no route.</summary>
    public string NextHopKey(Mailbox mailbox) => Find(mailbox)?.Key ?? NoRouteKey;

    /// <summary>The key of a recipient's next hop: those with equal keys may share an envelope. <see cref="NoRouteKey"/> where there is no route.</summary>
    public string NextHopKey(EnvelopeRecipient recipient) => Find(recipient)?.Key ?? NoRouteKey;

    /// <summary>Where mail for a domain goes that may be fetched; null where there is no route for it, it may not be fetched or it is delivered here.</summary>
    /// <param name="domain">The domain in any spelling. What is none is nobody's.</param>
    public Route? FindFetched(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return FindDomain(DomainNames.Normalize(domain)) is { Domain: not null } route ? route : null;
    }

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
    public RouteTarget? FindTarget(string key)
    {
        if (!FetchKey.TryRead(key, out var domain, out var place))
            return byKey.GetValueOrDefault(key);
        // What waits to be fetched does so under one key for all; the domain says where it goes.
        return place == OnDemandTarget.OnDemandKey ? FindFetched(domain)?.Target as OnDemandTarget : byKey.GetValueOrDefault(place);
    }

    private Route? FindDomain(string domain)
    {
        var isNamed = named.TryFind(domain, out var target);
        if (!isNamed)
            target = domain.StartsWith('[') ? literals : otherwise;
        if (target is null)
            return null;
        // Mail on demand is somebody's even where nobody may fetch it (any more): another's it must not become.
        var isFetched = fetched.TryFind(domain, out var spelling);
        return new Route(target, !isNamed) { Domain = target is OnDemandTarget || (isFetched && !target.IsLocal) ? spelling ?? domain : null };
    }
}
