namespace Postrider.Queue.Scheduling;

/// <summary>The entries of one next hop: those that are ready in a list, the others counted.</summary>
internal sealed class NextHopEntries(string key, int number)
{
    // Ready entries of priority 0; most next hops never have another.
    private int readyHead;

    // Those of each priority but 0, from the least; made for the first of them.
    private int[]? otherHeads;
    private int turn;

    public string Key { get; } = key;

    public int Number { get; } = number;

    public int Total { get; set; }

    public int Ready { get; private set; }

    public int Leased { get; set; }

    public int Held { get; set; }

    /// <summary>Whether it stands in the round of next hops with ready entries.</summary>
    public bool IsInRound { get; set; }

    /// <summary>Why delivery last handed an entry back, or null.</summary>
    public string? NotTriedReason { get; set; }

    /// <summary>
    /// The ready entry whose turn it is: the first of the most urgent (RFC 6710), but each fourth time the one that has
    /// been due for longest, so that no priority waits for ever. There is one.
    /// </summary>
    public int NextReady(EntrySlots slots)
    {
        if (otherHeads is null)
            return readyHead - 1;
        var isTurnOfOldest = ++turn % DueEntry.UrgentInARow == 0;
        var best = -1;
        for (var level = DueEntry.Priorities - 1; level >= 0; level--)
        {
            var slot = Head(level + DueEntry.LeastPriority) - 1;
            if (slot < 0)
                continue;
            if (best < 0 || slots[slot].Due < slots[best].Due)
                best = slot;
            if (!isTurnOfOldest)
                break;
        }
        return best;
    }

    public void Append(EntrySlots slots, int slot)
    {
        SlotList.Append(slots, ref Head(slots[slot].Priority), slot);
        Ready++;
    }

    public void Remove(EntrySlots slots, int slot)
    {
        SlotList.Remove(slots, ref Head(slots[slot].Priority), slot);
        if (--Ready == 0)
            otherHeads = null;
    }

    private ref int Head(int priority)
    {
        if (priority == 0)
            return ref readyHead;
        otherHeads ??= new int[DueEntry.Priorities];
        return ref otherHeads[priority - DueEntry.LeastPriority];
    }
}
