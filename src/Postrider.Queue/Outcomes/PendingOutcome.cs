using Postrider.Mime.Reports;
using Postrider.Queue.Spool;

namespace Postrider.Queue.Outcomes;

/// <summary>A change of one entry that is not on disk yet, with all that belongs into the same commit.</summary>
internal sealed class PendingOutcome
{
    /// <summary>The envelope with its state before the change.</summary>
    public required StoredEnvelope Envelope { get; init; }

    /// <summary>The change.</summary>
    public required EntryChange Change { get; init; }

    /// <summary>Envelopes that its recipients move to.</summary>
    public IReadOnlyList<NewEnvelope> Parts { get; init; } = [];

    /// <summary>Outcomes that the sender is told of.</summary>
    public IReadOnlyList<ReportedRecipient> Reported { get; init; } = [];

    /// <summary>What to tell the observer once it is on disk.</summary>
    public IReadOnlyList<QueueEvent> Events { get; init; } = [];

    /// <summary>Is called once it is on disk, or with false where the spool does not know the entry as it was.</summary>
    public required Action<PendingOutcome, bool> Ended { get; init; }
}
