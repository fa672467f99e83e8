using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// All entries of a queue, by when they are due and by where they go: waiting ones in the wheel, ready
/// ones in a list for each next hop, which take turns. Knows no time of its own and no lock.
/// </summary>
internal sealed class EntryIndex
{
    private const int Share = 8;

    private readonly EntrySlots slots = new();
    private readonly TimingWheel wheel;
    private readonly Dictionary<string, NextHopEntries> hops = new(StringComparer.Ordinal);
    private readonly List<NextHopEntries?> hopsByNumber = [];
    private readonly Stack<int> freeHops = new();
    private readonly Queue<NextHopEntries> round = new();
    private readonly int[] counts = new int[(int)EntryStage.Busy + 1];
    private readonly int maximumLeases;

    public EntryIndex(int maximumLeases, DateTimeOffset now)
    {
        this.maximumLeases = maximumLeases;
        wheel = new TimingWheel(slots, Seconds(now));
    }

    /// <summary>All entries.</summary>
    public int Count => slots.Count;

    /// <summary>Slots that there are: every number of a slot is below.</summary>
    public int SlotCapacity => slots.Capacity;

    /// <summary>The next hops that have entries.</summary>
    public IEnumerable<NextHopEntries> NextHops => hops.Values;

    /// <summary>How many next hops have entries.</summary>
    public int NextHopCount => hops.Count;

    /// <summary>One of them by its key, or null where it has no entry.</summary>
    public NextHopEntries? FindNextHop(string key) => hops.GetValueOrDefault(key);

    public ref readonly EntrySlot this[int slot] => ref slots[slot];

    public int CountOf(EntryStage stage) => counts[(int)stage];

    public int Find(SpoolId id) => slots.Find(id);

    public NextHopEntries NextHopOf(int slot) => hopsByNumber[slots[slot].NextHop]!;

    /// <summary>Takes in an entry: it is held, ready, or waits until it is due.</summary>
    public int Add(in SpoolEntry added, bool isHeld, DateTimeOffset now)
    {
        var slot = slots.Add(added.Id);
        var hop = Intern(added.NextHop);
        hop.Total++;
        ref var entry = ref slots[slot];
        entry.NextHop = hop.Number;
        entry.Size = added.Size;
        entry.Since = Seconds(added.Since);
        entry.Priority = added.Priority;
        entry.HasDeadline = added.HasDeadline;
        entry.Due = SecondsUp(added.Due);
        entry.Stage = EntryStage.None;
        if (isHeld)
            Enter(slot, EntryStage.Held);
        else
            Enter(slot, added.Due <= now ? EntryStage.Ready : EntryStage.Waiting);
        return slot;
    }

    /// <summary>Moves an entry to another stage.</summary>
    public void Move(int slot, EntryStage stage)
    {
        Leave(slot);
        Enter(slot, stage);
    }

    /// <summary>Moves an entry to where its due time says: ready, or waiting.</summary>
    public void MoveToDue(int slot, DateTimeOffset due, DateTimeOffset now)
    {
        Leave(slot);
        slots[slot].Due = SecondsUp(due);
        Enter(slot, due <= now ? EntryStage.Ready : EntryStage.Waiting);
    }

    /// <summary>Forgets an entry.</summary>
    public void Remove(int slot)
    {
        var hop = NextHopOf(slot);
        Leave(slot);
        slots.Remove(slot);
        if (--hop.Total > 0)
            return;
        hops.Remove(hop.Key);
        hopsByNumber[hop.Number] = null;
        freeHops.Push(hop.Number);
    }

    /// <summary>Makes entries ready whose time has come, in a bounded number of steps.</summary>
    /// <returns>Whether there may be more of them.</returns>
    public bool MakeReady(DateTimeOffset now, int steps)
    {
        var seconds = Seconds(now);
        while (wheel.TakeDue(seconds, ref steps) is >= 0 and var slot)
        {
            counts[(int)EntryStage.Waiting]--;
            Enter(slot, EntryStage.Ready);
        }
        return steps == 0;
    }

    /// <summary>
    /// Leases the next entry: next hops take turns, and one gets another lease only while it holds less
    /// than an eighth of those that are free. So it takes dozens of stuck ones to leave none for the others.
    /// </summary>
    /// <returns>The slot, or -1 where nothing may be leased.</returns>
    public int Lease()
    {
        for (var turns = round.Count; turns > 0; turns--)
        {
            var free = maximumLeases - CountOf(EntryStage.Leased);
            if (free <= 0)
                return -1;
            var hop = round.Dequeue();
            if (hop.Ready > 0 && hop.Leased < (free / Share) + 1)
            {
                var slot = hop.NextReady(slots);
                Move(slot, EntryStage.Leased);
                KeepInRound(hop);
                return slot;
            }
            KeepInRound(hop);
        }
        return -1;
    }

    /// <summary>When the wheel has something to do next, or null.</summary>
    public DateTimeOffset? NextDue() => wheel.NextDue() is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static uint Seconds(DateTimeOffset time) => (uint)Math.Clamp(time.ToUnixTimeSeconds(), 0, uint.MaxValue);

    // Rounded up: an entry may be late by a part of a second, never early.
    private static uint SecondsUp(DateTimeOffset time) => Seconds(time.AddTicks(TimeSpan.TicksPerSecond - 1));

    private void KeepInRound(NextHopEntries hop)
    {
        hop.IsInRound = hop.Ready > 0;
        if (hop.IsInRound)
            round.Enqueue(hop);
    }

    private void Leave(int slot)
    {
        var stage = slots[slot].Stage;
        counts[(int)stage]--;
        switch (stage)
        {
            case EntryStage.Waiting:
                wheel.Remove(slot);
                break;
            case EntryStage.Ready:
                NextHopOf(slot).Remove(slots, slot);
                break;
            case EntryStage.Leased:
                NextHopOf(slot).Leased--;
                break;
            case EntryStage.Held:
                NextHopOf(slot).Held--;
                break;
        }
    }

    private void Enter(int slot, EntryStage stage)
    {
        slots[slot].Stage = stage;
        counts[(int)stage]++;
        var hop = NextHopOf(slot);
        switch (stage)
        {
            case EntryStage.Waiting:
                wheel.Add(slot);
                break;
            case EntryStage.Ready:
                hop.Append(slots, slot);
                if (!hop.IsInRound)
                {
                    hop.IsInRound = true;
                    round.Enqueue(hop);
                }
                break;
            case EntryStage.Leased:
                hop.Leased++;
                break;
            case EntryStage.Held:
                hop.Held++;
                break;
        }
    }

    private NextHopEntries Intern(string key)
    {
        if (hops.TryGetValue(key, out var hop))
            return hop;
        if (!freeHops.TryPop(out var number))
        {
            number = hopsByNumber.Count;
            hopsByNumber.Add(null);
        }
        hop = new NextHopEntries(key, number);
        hopsByNumber[number] = hop;
        hops.Add(key, hop);
        return hop;
    }
}
