using System.Globalization;
using Postrider.Load.Accounting;

namespace Postrider.FunctionalTests.Campaigns;

/// <summary>What a kill campaign found.</summary>
internal sealed record KillResult
{
    /// <summary>Messages begun.</summary>
    public required int Begun { get; init; }

    /// <summary>Messages that got 250.</summary>
    public required int Accepted { get; init; }

    /// <summary>Envelopes that had to be released (rule 19).</summary>
    public required int Held { get; init; }

    /// <summary>Messages that got 250 and did not reach both recipients.</summary>
    public required IReadOnlyList<int> Missing { get; init; }

    /// <summary>What arrived changed.</summary>
    public required IReadOnlyList<string> Corrupt { get; init; }

    /// <summary>Deliveries that nobody had sent.</summary>
    public required int Strange { get; init; }

    /// <summary>Deliveries to the sink of what it had already.</summary>
    public required int RelayedAgain { get; init; }

    /// <summary>Those of them that rule 18 does not allow: no kill came soon after the first.</summary>
    public required IReadOnlyList<Duplicate> Unexplained { get; init; }

    /// <summary>The longest time from such a delivery to the kill after it.</summary>
    public required TimeSpan LongestWait { get; init; }

    /// <summary>Messages that lie twice in a Maildir; rule 20 allows none.</summary>
    public required int StoredAgain { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Begun} messages begun, {Accepted} taken with 250; missing {Missing.Count}, corrupt {Corrupt.Count}, unknown {Strange}; relayed again {RelayedAgain}, at the most {LongestWait.TotalMilliseconds:F0} ms before a kill, {Unexplained.Count} of them not explained by rule 18; twice in a Maildir {StoredAgain}; held and released {Held}");
}
