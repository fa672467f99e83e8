using System.Numerics;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// Entries by the second in which they are due. Two wheels: the seconds of the current block of 4,096,
/// and the blocks behind it, 48 days of them; a block is sorted into seconds when its time comes.
/// Adding, removing and each step on cost the same however many entries there are.
/// </summary>
internal sealed class TimingWheel
{
    private const int SecondBits = 12;
    private const int Seconds = 1 << SecondBits;
    private const int Blocks = 1 << 10;

    private readonly EntrySlots slots;
    private readonly int[] seconds = new int[Seconds];
    private readonly int[] blocks = new int[Blocks];
    private readonly ulong[] secondsInUse = new ulong[Seconds / 64];
    private readonly ulong[] blocksInUse = new ulong[Blocks / 64];

    // The first second that has not been dealt with in full; nothing is due before it.
    private uint cursor;

    public TimingWheel(EntrySlots slots, uint now)
    {
        this.slots = slots;
        cursor = now;
    }

    /// <summary>Entries in the wheel.</summary>
    public int Count { get; private set; }

    /// <summary>Puts in an entry whose Due is set; one beyond 48 days is brought forward to there.</summary>
    public void Add(int slot)
    {
        ref var entry = ref slots[slot];
        entry.Due = Math.Clamp(entry.Due, cursor, cursor + ((Blocks - 1) << SecondBits));
        Link(slot, entry.Due);
        Count++;
    }

    /// <summary>Takes out an entry.</summary>
    public void Remove(int slot)
    {
        var due = slots[slot].Due;
        // It stands in the ring of its block or, once that has been sorted, of its second.
        ref var head = ref seconds[due & (Seconds - 1)];
        if (head == slot + 1)
        {
            SlotList.Remove(slots, ref head, slot);
            if (head == 0)
                Clear(secondsInUse, (int)(due & (Seconds - 1)));
        }
        else
        {
            head = ref blocks[(due >> SecondBits) & (Blocks - 1)];
            SlotList.Remove(slots, ref head, slot);
            if (head == 0)
                Clear(blocksInUse, (int)((due >> SecondBits) & (Blocks - 1)));
        }
        Count--;
    }

    /// <summary>Takes out the next entry that is due, or -1. A bounded number of steps is made for it.</summary>
    /// <param name="now">The time.</param>
    /// <param name="steps">What is left of the bound; each step takes one. At 0 there may be more.</param>
    public int TakeDue(uint now, ref int steps)
    {
        while (cursor <= now && steps > 0)
        {
            steps--;
            var block = (int)((cursor >> SecondBits) & (Blocks - 1));
            if (blocks[block] != 0)
            {
                // The block has become the current one: its entries go to their seconds.
                var slot = blocks[block] - 1;
                SlotList.Remove(slots, ref blocks[block], slot);
                if (blocks[block] == 0)
                    Clear(blocksInUse, block);
                Link(slot, slots[slot].Due);
                continue;
            }

            var second = Next(secondsInUse, (int)(cursor & (Seconds - 1)));
            if (second < 0)
            {
                cursor = Math.Min(NextBlockStart(), now + 1);
                continue;
            }
            var due = (cursor & ~(uint)(Seconds - 1)) | (uint)second;
            if (due > now)
            {
                cursor = now + 1;
                break;
            }
            cursor = due;
            var first = seconds[second] - 1;
            SlotList.Remove(slots, ref seconds[second], first);
            if (seconds[second] == 0)
                Clear(secondsInUse, second);
            Count--;
            return first;
        }
        return -1;
    }

    /// <summary>The second in which there is something to do next, or null.</summary>
    public uint? NextDue()
    {
        if (Count == 0)
            return null;
        if (blocks[(cursor >> SecondBits) & (Blocks - 1)] != 0)
            return cursor;
        var second = Next(secondsInUse, (int)(cursor & (Seconds - 1)));
        return second >= 0 ? (cursor & ~(uint)(Seconds - 1)) | (uint)second : NextBlockStart();
    }

    private void Link(int slot, uint due)
    {
        if (due >> SecondBits == cursor >> SecondBits)
        {
            var second = (int)(due & (Seconds - 1));
            SlotList.Append(slots, ref seconds[second], slot);
            secondsInUse[second >> 6] |= 1UL << (second & 63);
        }
        else
        {
            var block = (int)((due >> SecondBits) & (Blocks - 1));
            SlotList.Append(slots, ref blocks[block], slot);
            blocksInUse[block >> 6] |= 1UL << (block & 63);
        }
    }

    private uint NextBlockStart()
    {
        var current = cursor >> SecondBits;
        var from = (int)((current + 1) & (Blocks - 1));
        var block = Next(blocksInUse, from);
        if (block < 0)
            block = Next(blocksInUse, 0);
        var ahead = block < 0 ? 1 : ((uint)(block - from) & (Blocks - 1)) + 1;
        return (current + ahead) << SecondBits;
    }

    private static int Next(ulong[] inUse, int from)
    {
        var word = from >> 6;
        var bits = inUse[word] & (ulong.MaxValue << (from & 63));
        while (bits == 0)
        {
            if (++word == inUse.Length)
                return -1;
            bits = inUse[word];
        }
        return (word << 6) + BitOperations.TrailingZeroCount(bits);
    }

    private static void Clear(ulong[] inUse, int index) => inUse[index >> 6] &= ~(1UL << (index & 63));
}
