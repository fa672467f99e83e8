namespace Postrider.Queue.Spool.Log;

/// <summary>A row of a <see cref="SlotTable{T}"/>; a row without a name is free.</summary>
internal interface ISlot
{
    ulong Id { get; set; }
}

/// <summary>
/// Structs in pages, found by their names through an open-addressing table of slot numbers: no object
/// for each row, no array to copy when it grows, and a row keeps its slot while it lives. A million
/// rows cost their own size and some 8 octets each. Not synchronized.
/// </summary>
internal sealed class SlotTable<T>
    where T : struct, ISlot
{
    public const int PageSize = 1024;
    private const int ShardCount = 16;

    private readonly List<T[]> pages = [];
    private readonly List<int> free = [];
    private readonly int[][] shards = new int[ShardCount][];
    private readonly int[] used = new int[ShardCount];
    private int end;

    public SlotTable()
    {
        for (var i = 0; i < ShardCount; i++)
            shards[i] = new int[16];
    }

    /// <summary>Rows in use.</summary>
    public int Count => end - free.Count;

    /// <summary>All rows, free ones among them, have a slot below this.</summary>
    public int End => end;

    public ref T this[int slot] => ref pages[slot / PageSize][slot % PageSize];

    /// <summary>The slot of a name, or -1.</summary>
    public int Find(ulong id)
    {
        var shard = shards[Shard(id)];
        for (var at = Home(id, shard.Length); shard[at] != 0; at = (at + 1) & (shard.Length - 1))
        {
            var slot = shard[at] - 1;
            if (this[slot].Id == id)
                return slot;
        }
        return -1;
    }

    /// <summary>Makes a row for a name that has none; all but the name is zero.</summary>
    public int Add(ulong id)
    {
        int slot;
        if (free.Count > 0)
        {
            slot = free[^1];
            free.RemoveAt(free.Count - 1);
        }
        else
        {
            slot = end++;
            if (slot / PageSize == pages.Count)
                pages.Add(new T[PageSize]);
        }
        ref var row = ref this[slot];
        row = default;
        row.Id = id;
        var number = Shard(id);
        if (++used[number] * 4 > shards[number].Length * 3)
            Grow(number);
        Link(shards[number], id, slot);
        return slot;
    }

    /// <summary>Frees a row.</summary>
    public void Remove(int slot)
    {
        ref var row = ref this[slot];
        var number = Shard(row.Id);
        var shard = shards[number];
        var mask = shard.Length - 1;
        var hole = Home(row.Id, shard.Length);
        while (shard[hole] - 1 != slot)
            hole = (hole + 1) & mask;
        // Those behind move up, so that no search stops at the hole.
        for (var at = (hole + 1) & mask; shard[at] != 0; at = (at + 1) & mask)
        {
            var home = Home(this[shard[at] - 1].Id, shard.Length);
            if (((at - home) & mask) < ((at - hole) & mask))
                continue;
            shard[hole] = shard[at];
            hole = at;
        }
        shard[hole] = 0;
        used[number]--;
        row = default;
        free.Add(slot);
    }

    private static int Shard(ulong id) => (int)(id & (ShardCount - 1));

    private static int Home(ulong id, int length) =>
        (int)(((id >> 4) * 0x9E37_79B9_7F4A_7C15) >> 32) & (length - 1);

    private static void Link(int[] shard, ulong id, int slot)
    {
        var at = Home(id, shard.Length);
        while (shard[at] != 0)
            at = (at + 1) & (shard.Length - 1);
        shard[at] = slot + 1;
    }

    private void Grow(int number)
    {
        var larger = new int[shards[number].Length * 2];
        foreach (var link in shards[number])
        {
            if (link != 0)
                Link(larger, this[link - 1].Id, link - 1);
        }
        shards[number] = larger;
    }
}
