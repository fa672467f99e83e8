namespace Postrider.Queue.Scheduling;

/// <summary>
/// Lists of slots that are linked in a ring, so that one number is the whole list: the first slot
/// and one, or 0 for none.
/// </summary>
internal static class SlotList
{
    public static void Append(EntrySlots slots, ref int head, int slot)
    {
        ref var entry = ref slots[slot];
        if (head == 0)
        {
            entry.Next = entry.Previous = slot;
            head = slot + 1;
            return;
        }
        var first = head - 1;
        ref var firstEntry = ref slots[first];
        var last = firstEntry.Previous;
        entry.Next = first;
        entry.Previous = last;
        firstEntry.Previous = slot;
        slots[last].Next = slot;
    }

    /// <summary>Takes a slot out of the list; <paramref name="head"/> changes only where it is the first.</summary>
    public static void Remove(EntrySlots slots, ref int head, int slot)
    {
        ref var entry = ref slots[slot];
        if (entry.Next == slot)
        {
            head = 0;
            return;
        }
        slots[entry.Previous].Next = entry.Next;
        slots[entry.Next].Previous = entry.Previous;
        if (head == slot + 1)
            head = entry.Next + 1;
    }
}
