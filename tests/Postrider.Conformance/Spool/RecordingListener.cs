using Postrider.Queue.Spool;

namespace Postrider.Conformance.Spool;

/// <summary>Keeps what a spool told its scheduler, and notices calls that overlap.</summary>
public sealed class RecordingListener : ISpoolListener
{
    private readonly Dictionary<SpoolId, SpoolEntry> _entries = [];
    private int _calls;

    /// <summary>What was added and not revoked.</summary>
    public IReadOnlyDictionary<SpoolId, SpoolEntry> Entries => _entries;

    /// <summary>Whether two calls ran at the same time, or an entry was added twice.</summary>
    public bool IsBroken { get; private set; }

    /// <inheritdoc/>
    public void Added(in SpoolEntry entry)
    {
        if (Interlocked.Increment(ref _calls) != 1)
            IsBroken = true;
        lock (_entries)
            IsBroken |= !_entries.TryAdd(entry.Id, entry);
        Interlocked.Decrement(ref _calls);
    }

    /// <inheritdoc/>
    public void Revoked(SpoolId envelope)
    {
        lock (_entries)
            IsBroken |= !_entries.Remove(envelope);
    }
}
