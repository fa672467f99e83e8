using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>An entry that is with delivery. The scheduler's lock guards it.</summary>
internal sealed class Lease(int slot, long number)
{
    public int Slot { get; } = slot;

    public long Number { get; } = number;

    /// <summary>The envelope, once the attempt has begun.</summary>
    public StoredEnvelope? Envelope { get; set; }

    /// <summary>Whether the attempt has ended and its outcome is on its way to disk.</summary>
    public bool IsEnding { get; set; }

    /// <summary>What an operator wants done when the attempt has ended, or null.</summary>
    public EntryCommand? Wanted { get; set; }
}
