namespace Postrider.Queue.Spool;

/// <summary>A change of one entry: its new state, or its end.</summary>
/// <param name="Envelope">Which entry.</param>
/// <param name="Version">The version of the state, or of the end; higher than all before.</param>
/// <param name="State">The new state, or null: every recipient has reached its end.</param>
public readonly record struct EntryChange(SpoolId Envelope, uint Version, EntryState? State);

/// <summary>What a commit is for: room is kept for outcomes when acceptance has stopped (rule 14).</summary>
public enum CommitPurpose
{
    /// <summary>New mail from outside.</summary>
    Acceptance,

    /// <summary>What became of mail, with the reports that come of it.</summary>
    Outcome,
}

/// <summary>
/// One atomic change of a spool: all of it is there after a crash, or nothing. A failure and its
/// report, a list and its members, a split and its parts are one commit each.
/// </summary>
public sealed class SpoolCommit
{
    /// <summary>What it is for.</summary>
    public required CommitPurpose Purpose { get; init; }

    /// <summary>Changes of entries that exist.</summary>
    public IReadOnlyList<EntryChange> Changes { get; init; } = [];

    /// <summary>
    /// Bodies to be stored, each complete. A commit that succeeds takes them over; after a fault or a
    /// refusal they are still the caller's, who commits them again or disposes of them.
    /// </summary>
    public IReadOnlyList<IBodyWriter> Bodies { get; init; } = [];

    /// <summary>Envelopes to be queued.</summary>
    public IReadOnlyList<NewEnvelope> Envelopes { get; init; } = [];
}
