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

    private readonly List<T[]> _pages = [];
    private readonly List<int> _free = [];
    private readonly int[][] _shards = new int[ShardCount][];
    private readonly int[] _used = new int[ShardCount];
    private int _end;

    public SlotTable()
    {
        for (var i = 0; i < ShardCount; i++)
            _shards[i] = new int[16];
    }

    /// <summary>Rows in use.</summary>
    public int Count => _end - _free.Count;

    /// <summary>All rows, free ones among them, have a slot below this.</summary>
    public int End => _end;

    public ref T this[int slot] => ref _pages[slot / PageSize][slot % PageSize];

    /// <summary>The slot of a name, or -1.</summary>
    public int Find(ulong id)
    {
        var shard = _shards[Shard(id)];
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
        if (_free.Count > 0)
        {
            slot = _free[^1];
            _free.RemoveAt(_free.Count - 1);
        }
        else
        {
            slot = _end++;
            if (slot / PageSize == _pages.Count)
                _pages.Add(new T[PageSize]);
        }
        ref var row = ref this[slot];
        row = default;
        row.Id = id;
        var number = Shard(id);
        if (++_used[number] * 4 > _shards[number].Length * 3)
            Grow(number);
        Link(_shards[number], id, slot);
        return slot;
    }

    /// <summary>Frees a row.</summary>
    public void Remove(int slot)
    {
        ref var row = ref this[slot];
        var number = Shard(row.Id);
        var shard = _shards[number];
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
        _used[number]--;
        row = default;
        _free.Add(slot);
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
        var larger = new int[_shards[number].Length * 2];
        foreach (var link in _shards[number])
        {
            if (link != 0)
                Link(larger, this[link - 1].Id, link - 1);
        }
        _shards[number] = larger;
    }
}
