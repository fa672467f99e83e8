using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>The entries of a scheduler and where they are, for those who only look.</summary>
/// <param name="gate">The lock that guards the index.</param>
/// <param name="index">The index.</param>
internal sealed class QueueView(Lock gate, EntryIndex index)
{
    // So much is looked through under the lock at once.
    private const int MostSteps = 4096;

    /// <summary>Where an entry is, or null.</summary>
    public EntryPosition? Find(SpoolId id)
    {
        lock (gate)
            return index.Find(id) is >= 0 and var slot ? Position(slot) : null;
    }

    /// <summary>Looks through a part of the index.</summary>
    /// <param name="from">The first slot; moved on behind the part, or to -1 at the end.</param>
    /// <param name="filter">What is looked for.</param>
    /// <param name="now">The time, for the age.</param>
    /// <param name="limit">How many are wanted.</param>
    /// <param name="found">Takes what is found.</param>
    public void Scan(ref int from, QueueFilter filter, DateTimeOffset now, int limit, List<EntryPosition> found)
    {
        lock (gate)
        {
            var end = Math.Min(from + MostSteps, index.SlotCapacity);
            var slot = from;
            for (; slot < end && found.Count < limit; slot++)
            {
                ref readonly var entry = ref index[slot];
                if (entry.Stage != EntryStage.None && filter.MayMatch(new SpoolId(entry.Id), index.NextHopOf(slot).Key, State(entry.Stage), Time(entry.Since), now))
                    found.Add(Position(slot));
            }
            from = slot < index.SlotCapacity ? slot : -1;
        }
    }

    /// <summary>How many entries there are, and where.</summary>
    public QueueCounts Count(int unsynced)
    {
        lock (gate)
        {
            return new QueueCounts(
                index.Count,
                index.CountOf(EntryStage.Waiting),
                index.CountOf(EntryStage.Ready),
                index.CountOf(EntryStage.Leased),
                index.CountOf(EntryStage.Held),
                unsynced,
                index.NextHopCount);
        }
    }

    /// <summary>The same for each next hop that has entries.</summary>
    public IReadOnlyList<NextHopCounts> CountByNextHop()
    {
        lock (gate)
            return [.. index.NextHops.Select(Count)];
    }

    /// <summary>The same for one of them; null where it has none.</summary>
    public NextHopCounts? Count(string nextHop)
    {
        lock (gate)
            return index.FindNextHop(nextHop) is { } hop ? Count(hop) : null;
    }

    private EntryPosition Position(int slot)
    {
        ref readonly var entry = ref index[slot];
        var hop = index.NextHopOf(slot);
        return new EntryPosition(new SpoolId(entry.Id), hop.Key, State(entry.Stage), Time(entry.Since), Time(entry.Due), hop.NotTriedReason);
    }

    private static NextHopCounts Count(NextHopEntries hop) => new(hop.Key, hop.Total, hop.Ready, hop.Leased, hop.Held, hop.NotTriedReason);

    private static QueuedState State(EntryStage stage) => stage switch
    {
        EntryStage.Waiting => QueuedState.Waiting,
        EntryStage.Ready => QueuedState.Ready,
        EntryStage.Held => QueuedState.Held,
        _ => QueuedState.Active,
    };

    private static DateTimeOffset Time(uint seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
