using System.Diagnostics.CodeAnalysis;

namespace Postrider.Delivery.Routing;

/// <summary>
/// The keys of mail that may be fetched: <c>for:domain/key of the place</c>. Each such domain has a next hop of its own,
/// though its mail shares the place with others, so that the queue knows what waits for it.
/// </summary>
public static class FetchKey
{
    private const string Start = "for:";

    /// <summary>The domain that a next hop is for, or null: it is for any.</summary>
    public static string? DomainOf(string key) => TryRead(key, out var domain, out _) ? domain : null;

    /// <summary>Whether mail of a next hop waits until it is fetched (<see cref="OnDemandTarget"/>).</summary>
    public static bool IsOnDemand(string key) => TryRead(key, out _, out var place) && place == OnDemandTarget.OnDemandKey;

    internal static string Of(string domain, string placeKey) => $"{Start}{domain}/{placeKey}";

    // No domain has a slash in it.
    internal static bool TryRead(string key, [NotNullWhen(true)] out string? domain, [NotNullWhen(true)] out string? placeKey)
    {
        ArgumentNullException.ThrowIfNull(key);
        var isOne = key.StartsWith(Start, StringComparison.Ordinal) && key.Contains('/', StringComparison.Ordinal);
        var slash = isOne ? key.IndexOf('/', StringComparison.Ordinal) : 0;
        domain = isOne ? key[Start.Length..slash] : null;
        placeKey = isOne ? key[(slash + 1)..] : null;
        return isOne;
    }
}
