using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Scheduling;

[Collection(nameof(Alone))]
public sealed class EntryIndexTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_slot_is_32_octets() => Assert.Equal(32, System.Runtime.CompilerServices.Unsafe.SizeOf<EntrySlot>());

    [Theory]
    [InlineData(0, 0, false, 0)]
    [InlineData(1, 9, true, 64)]
    [InlineData(64, -9, false, 64)]
    [InlineData(1_000_000, -1, true, 1_000_000)]
    [InlineData(long.MaxValue, 9, true, (1L << 32) - 64)]
    public void Size_priority_and_deadline_share_a_word(long size, int priority, bool hasDeadline, long kept)
    {
        var slot = new EntrySlot { HasDeadline = hasDeadline, Size = size, Priority = priority };
        Assert.Equal((kept, priority, hasDeadline), (slot.Size, slot.Priority, slot.HasDeadline));
        slot.HasDeadline = !hasDeadline;
        slot.Priority = -priority;
        slot.Size = 640;
        Assert.Equal((640, -priority, !hasDeadline), (slot.Size, slot.Priority, slot.HasDeadline));
    }

    [Fact]
    public void A_million_entries_take_no_more_than_48_octets_each()
    {
        const int Count = 1_000_000;
        var index = new EntryIndex(100, Now);
        string[] hops = [.. Enumerable.Range(0, 1000).Select(i => $"hop{i}")];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i++)
            index.Add(Entry((ulong)i + 1, hops[i % hops.Length], Now.AddSeconds(i % 400_000)), isHeld: false, Now);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.InRange(each, 32, 48);

        // And all of them come out again, each when it is due.
        Assert.Equal(Count, index.Count);
        for (var second = 0; second < 400_000; second += 10_000)
        {
            while (index.MakeReady(Now.AddSeconds(second), 100_000))
            {
            }
            var expected = (second + 1) * 2L + Math.Min(second + 1, 200_000);
            Assert.Equal(Math.Min(expected, Count), index.CountOf(EntryStage.Ready));
        }
        GC.KeepAlive(index);
    }

    [Fact]
    public void Adding_and_finishing_entries_allocates_nothing_once_it_has_grown()
    {
        var index = new EntryIndex(100, Now);
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (ulong i = 1; i <= 5000; i++)
                index.Add(Entry(i, "hop", Now), isHeld: false, Now);
            for (ulong i = 1; i <= 5000; i++)
                index.Remove(index.Find(new SpoolId(i)));
            // One object for each entry would be 120,000 octets; a collection that another test causes counts the rest of this thread's 8 KB.
            if (round > 0)
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_map_finds_what_is_there_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        var slots = new EntrySlots();
        var model = new Dictionary<ulong, int>();
        for (var i = 0; i < 30_000; i++)
        {
            // Few different ones, in clusters, so that they collide.
            var id = (ulong)random.Next(1, 3000) << (random.Next(4) * 16);
            if (model.Remove(id, out var slot))
                slots.Remove(slot);
            else
                model.Add(id, slots.Add(new SpoolId(id)));
        }
        for (ulong i = 1; i < 3000; i++)
        {
            for (var shift = 0; shift < 64; shift += 16)
                Assert.Equal(model.GetValueOrDefault(i << shift, -1), slots.Find(new SpoolId(i << shift)));
        }
        Assert.Equal(model.Count, slots.Count);
    }

    [Fact]
    public void Next_hops_take_turns()
    {
        var index = new EntryIndex(100, Now);
        ulong id = 0;
        for (var i = 0; i < 1000; i++)
            index.Add(Entry(++id, "flooded", Now), isHeld: false, Now);
        for (var i = 0; i < 3; i++)
            index.Add(Entry(++id, "quiet", Now), isHeld: false, Now);
        var first = Enumerable.Range(0, 6).Select(_ => index.NextHopOf(index.Lease()).Key);
        Assert.Equal("flooded quiet flooded quiet flooded quiet", string.Join(' ', first));
    }

    [Fact]
    public void The_urgent_go_first_and_none_waits_for_ever()
    {
        var index = new EntryIndex(100_000, Now);
        ulong id = 0;
        // The others have been due for longer.
        foreach (var (priority, due) in new[] { (-9, -3), (0, -2), (4, -1) })
        {
            for (var i = 0; i < 8; i++)
                index.Add(Entry(++id, "hop", Now.AddMinutes(due)) with { Priority = (sbyte)priority }, isHeld: false, Now);
        }
        var order = Enumerable.Range(0, 24).Select(_ => index[index.Lease()].Priority).ToList();
        Assert.Equal("4 4 4 -9 4 4 4 -9 4 4 0 -9 0 0 0 -9 0 0 0 -9 0 -9 -9 -9", string.Join(' ', order));
        Assert.Equal(-1, index.Lease());
    }

    [Fact]
    public void With_urgent_mail_coming_in_all_the_time_the_rest_gets_each_fourth_turn()
    {
        var index = new EntryIndex(100_000, Now);
        ulong id = 0;
        for (var i = 0; i < 100; i++)
            index.Add(Entry(++id, "hop", Now) with { Priority = -9 }, isHeld: false, Now);
        for (var i = 0; i < 400; i++)
        {
            index.Add(Entry(++id, "hop", Now.AddSeconds(1)) with { Priority = 9 }, isHeld: false, Now.AddSeconds(1));
            index.Remove(index.Lease());
        }
        Assert.Equal(100, index.Count);
        Assert.Equal(0, Enumerable.Range(0, 100).Count(_ => index[index.Lease()].Priority == -9));
    }

    [Fact]
    public void What_is_urgent_takes_no_turn_of_another_next_hop()
    {
        var index = new EntryIndex(100, Now);
        ulong id = 0;
        for (var i = 0; i < 10; i++)
            index.Add(Entry(++id, "urgent", Now) with { Priority = 9 }, isHeld: false, Now);
        for (var i = 0; i < 3; i++)
            index.Add(Entry(++id, "quiet", Now), isHeld: false, Now);
        Assert.Equal("urgent quiet urgent quiet urgent quiet", string.Join(' ', Enumerable.Range(0, 6).Select(_ => index.NextHopOf(index.Lease()).Key)));
    }

    [Fact]
    public void With_many_next_hops_stuck_a_new_one_still_gets_a_lease()
    {
        var index = new EntryIndex(100, Now);
        ulong id = 0;
        for (var hop = 0; hop < 20; hop++)
        {
            for (var i = 0; i < 1000; i++)
                index.Add(Entry(++id, $"stuck{hop}", Now), isHeld: false, Now);
            while (index.Lease() >= 0)
            {
            }
        }
        Assert.InRange(index.CountOf(EntryStage.Leased), 50, 99);
        index.Add(Entry(++id, "fresh", Now), isHeld: false, Now);
        Assert.Equal("fresh", index.NextHopOf(index.Lease()).Key);
    }

    [Fact]
    public void One_next_hop_alone_gets_a_ninth_of_the_leases()
    {
        var index = new EntryIndex(900, Now);
        for (ulong i = 1; i <= 1000; i++)
            index.Add(Entry(i, "only", Now), isHeld: false, Now);
        var leased = 0;
        while (index.Lease() >= 0)
            leased++;
        Assert.InRange(leased, 99, 101);
    }

    [Fact]
    public void A_next_hop_without_entries_is_forgotten()
    {
        var index = new EntryIndex(100, Now);
        for (ulong i = 1; i <= 10_000; i++)
        {
            var slot = index.Add(Entry(i, $"hop{i}", Now), isHeld: false, Now);
            Assert.Equal(slot, index.Lease());
            index.Remove(slot);
        }
        Assert.Equal(0, index.NextHopCount);
        Assert.Equal(-1, index.Lease());
    }

    private static SpoolEntry Entry(ulong id, string nextHop, DateTimeOffset due) => new()
    {
        Id = new SpoolId(id),
        Message = new SpoolId(id),
        NextHop = nextHop,
        Since = Now,
        Due = due,
        Attempts = 0,
        Version = 1,
        IsHeld = false,
        Size = 1000,
    };
}
