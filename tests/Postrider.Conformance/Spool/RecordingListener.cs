using Postrider.Queue.Spool;

namespace Postrider.Conformance.Spool;

/// <summary>Keeps what a spool told its scheduler, and notices calls that overlap.</summary>
public sealed class RecordingListener : ISpoolListener
{
    private readonly Dictionary<SpoolId, SpoolEntry> entries = [];
    private int calls;

    /// <summary>What was added and not revoked.</summary>
    public IReadOnlyDictionary<SpoolId, SpoolEntry> Entries => entries;

    /// <summary>Whether two calls ran at the same time, or an entry was added twice.</summary>
    public bool IsBroken { get; private set; }

    /// <inheritdoc/>
    public void Added(in SpoolEntry entry)
    {
        if (Interlocked.Increment(ref calls) != 1)
            IsBroken = true;
        lock (entries)
            IsBroken |= !entries.TryAdd(entry.Id, entry);
        Interlocked.Decrement(ref calls);
    }

    /// <inheritdoc/>
    public void Revoked(SpoolId envelope)
    {
        lock (entries)
            IsBroken |= !entries.Remove(envelope);
    }
}
