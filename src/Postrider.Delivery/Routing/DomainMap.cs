using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Postrider.Delivery.Routing;

/// <summary>What is said of domains, by the pattern that fits best: the domain itself, then the longest domain above it. Immutable.</summary>
internal sealed class DomainMap<T>
{
    private readonly FrozenDictionary<string, T> exact;
    private readonly FrozenDictionary<string, T> below;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> belowBySpan;

    /// <summary>Makes a map.</summary>
    /// <param name="entries">What is said of which domains; their order is of no matter.</param>
    /// <param name="firstCounts">Whether the first counts of two for the same domains.</param>
    /// <exception cref="ArgumentException">Two are for the same domains.</exception>
    public DomainMap(IEnumerable<(DomainPattern Pattern, T Value)> entries, bool firstCounts = false)
    {
        var named = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        var under = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        foreach (var (pattern, value) in entries)
        {
            var table = pattern.IsBelow ? under : named;
            if (!table.TryAdd(pattern.Domain, value) && !firstCounts)
                throw new ArgumentException($"Two routes are for {pattern}.", nameof(entries));
            if (DomainNames.OtherSpelling(pattern.Domain) is { } other && !table.TryAdd(other, value) && !firstCounts)
                throw new ArgumentException($"Two routes are for {pattern}, which is also written {other}.", nameof(entries));
        }
        exact = named.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        below = under.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        belowBySpan = below.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Finds what is said of a domain.</summary>
    /// <param name="domain">The domain, as <see cref="DomainNames.Normalize"/> writes it.</param>
    /// <param name="value">What is said of it.</param>
    public bool TryFind(string domain, [MaybeNullWhen(false)] out T value)
    {
        if (exact.TryGetValue(domain, out value))
            return true;
        if (below.Count == 0 || domain.StartsWith('['))
            return false;
        for (var dot = domain.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = domain.IndexOf('.', dot + 1))
        {
            if (belowBySpan.TryGetValue(domain.AsSpan(dot + 1), out value))
                return true;
        }
        return false;
    }
}
