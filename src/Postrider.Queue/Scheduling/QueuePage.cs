using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>An entry of the queue, as a listing shows it.</summary>
/// <param name="Position">Where it is.</param>
/// <param name="Envelope">The envelope, or null where it cannot be read because it is damaged.</param>
public sealed record QueuedEntry(EntryPosition Position, StoredEnvelope? Envelope);

/// <summary>A part of a listing.</summary>
/// <param name="Entries">What was found; may be fewer than were asked for, or none, though there is more.</param>
/// <param name="Next">Where to go on, or null: that was all.</param>
public sealed record QueuePage(IReadOnlyList<QueuedEntry> Entries, long? Next);
