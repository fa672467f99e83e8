using System.Collections.Immutable;
using Postrider.Queue.Outcomes;

namespace Postrider.Queue.Spool;

/// <summary>A recipient that has not reached its end.</summary>
/// <param name="Index">Its index among the envelope's recipients.</param>
/// <param name="Last">The last temporary failure, or null before the first attempt.</param>
public readonly record struct OpenRecipient(int Index, DeliveryStatus? Last);

/// <summary>
/// The state of a queued envelope, always whole: storing it twice changes nothing, and the higher
/// version wins. An envelope without an open recipient is finished and has no state.
/// </summary>
public sealed record EntryState
{
    /// <summary>Rises by one with each change.</summary>
    public required uint Version { get; init; }

    /// <summary>Attempts made so far; one that was not tried does not count.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Why it is held and not tried, or null.</summary>
    public string? HoldReason { get; init; }

    /// <summary>The recipients that are still to be served; at least one.</summary>
    public required ImmutableArray<OpenRecipient> Open { get; init; }
}
