namespace Postrider.Queue.Scheduling;

/// <summary>The entries of one next hop: those that are ready in a list, the others counted.</summary>
internal sealed class NextHopEntries(string key, int number)
{
    private int readyHead;

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

    public int FirstReady => readyHead - 1;

    public void Append(EntrySlots slots, int slot)
    {
        SlotList.Append(slots, ref readyHead, slot);
        Ready++;
    }

    public void Remove(EntrySlots slots, int slot)
    {
        SlotList.Remove(slots, ref readyHead, slot);
        Ready--;
    }
}
