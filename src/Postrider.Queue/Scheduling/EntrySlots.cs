using System.Runtime.CompilerServices;
using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// The slots of all entries, in blocks so that growing copies nothing, with the map from identifiers
/// to slots: about 40 octets an entry in all. A slot's number stays while its entry lives.
/// </summary>
internal sealed class EntrySlots
{
    private const int BlockBits = 12;
    private const int BlockSize = 1 << BlockBits;
    private const int ShardBits = 8;

    // Shards grow one by one, so that no insertion into a large map waits for all of it to move.
    private readonly int[]?[] shards = new int[]?[1 << ShardBits];
    private readonly int[] shardCounts = new int[1 << ShardBits];
    private EntrySlot[][] blocks = [];
    private int free = -1;

    /// <summary>Slots in use.</summary>
    public int Count { get; private set; }

    /// <summary>Slots that there are; the numbers are below.</summary>
    public int Capacity { get; private set; }

    public ref EntrySlot this[int slot] => ref blocks[slot >> BlockBits][slot & (BlockSize - 1)];

    /// <summary>Takes a free slot for an entry that is not there yet.</summary>
    public int Add(SpoolId id)
    {
        if (free < 0)
            Grow();
        var slot = free;
        ref var entry = ref this[slot];
        free = entry.Next;
        entry = default;
        entry.Id = id.Value;
        Map(id.Value, slot);
        Count++;
        return slot;
    }

    /// <summary>Frees a slot; its entry is in no list.</summary>
    public void Remove(int slot)
    {
        ref var entry = ref this[slot];
        Unmap(entry.Id);
        entry = default;
        entry.Next = free;
        free = slot;
        Count--;
    }

    /// <summary>The slot of an entry, or -1.</summary>
    public int Find(SpoolId id)
    {
        var hash = Hash(id.Value);
        var shard = shards[hash >> (64 - ShardBits)];
        if (shard is null)
            return -1;
        var mask = shard.Length - 1;
        for (var i = (int)hash & mask; shard[i] != 0; i = (i + 1) & mask)
        {
            var slot = shard[i] - 1;
            if (this[slot].Id == id.Value)
                return slot;
        }
        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ulong id)
    {
        // The upper half, well mixed, chooses the shard; folded into the lower it chooses the place.
        var hash = id * 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 32);
    }

    private void Grow()
    {
        if (Capacity >> BlockBits == blocks.Length)
            Array.Resize(ref blocks, Math.Max(4, blocks.Length * 2));
        var block = new EntrySlot[BlockSize];
        for (var i = 0; i < BlockSize; i++)
            block[i].Next = i == BlockSize - 1 ? free : Capacity + i + 1;
        blocks[Capacity >> BlockBits] = block;
        free = Capacity;
        Capacity += BlockSize;
    }

    private void Map(ulong id, int slot)
    {
        var hash = Hash(id);
        var number = (int)(hash >> (64 - ShardBits));
        var shard = shards[number] ??= new int[16];
        if (shardCounts[number] >= shard.Length - (shard.Length / 4))
        {
            var larger = new int[shard.Length * 2];
            foreach (var value in shard)
            {
                if (value != 0)
                    Place(larger, Hash(this[value - 1].Id), value);
            }
            shards[number] = shard = larger;
        }
        Place(shard, hash, slot + 1);
        shardCounts[number]++;
    }

    private static void Place(int[] shard, ulong hash, int value)
    {
        var mask = shard.Length - 1;
        var i = (int)hash & mask;
        while (shard[i] != 0)
            i = (i + 1) & mask;
        shard[i] = value;
    }

    // Linear probing without tombstones: what stands behind the gap moves up where it may.
    private void Unmap(ulong id)
    {
        var hash = Hash(id);
        var number = (int)(hash >> (64 - ShardBits));
        var shard = shards[number]!;
        var mask = shard.Length - 1;
        var gap = (int)hash & mask;
        while (this[shard[gap] - 1].Id != id)
            gap = (gap + 1) & mask;
        for (var i = (gap + 1) & mask; shard[i] != 0; i = (i + 1) & mask)
        {
            var home = (int)Hash(this[shard[i] - 1].Id) & mask;
            if (((i - home) & mask) >= ((i - gap) & mask))
            {
                shard[gap] = shard[i];
                gap = i;
            }
        }
        shard[gap] = 0;
        shardCounts[number]--;
    }
}
