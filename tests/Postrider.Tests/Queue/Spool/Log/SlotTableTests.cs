using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

public sealed class SlotTableTests
{
    [Fact]
    public void It_finds_what_a_dictionary_finds()
    {
        var random = new Random(3);
        var table = new SlotTable<BodySlot>();
        var model = new Dictionary<ulong, int>();
        for (var i = 0; i < 60_000; i++)
        {
            // Few different names: many come, go and come again, and shards run full and empty.
            var id = (ulong)random.Next(1, 9000) * (random.Next(2) == 0 ? 1UL : 16UL);
            if (model.TryGetValue(id, out var length))
            {
                var slot = table.Find(id);
                Assert.Equal(length, (int)table[slot].Length);
                if (random.Next(2) == 0)
                {
                    table.Remove(slot);
                    model.Remove(id);
                }
            }
            else
            {
                Assert.Equal(-1, table.Find(id));
                table[table.Add(id)].Length = i;
                model.Add(id, i);
            }
        }
        Assert.Equal(model.Count, table.Count);
        Assert.All(model, pair => Assert.Equal(pair.Value, (int)table[table.Find(pair.Key)].Length));
        Assert.Equal(model.Count, Enumerable.Range(0, table.End).Count(slot => table[slot].Id != 0));
    }

    [Fact]
    public void A_row_is_empty_when_its_slot_is_used_again()
    {
        var table = new SlotTable<BodySlot>();
        var slot = table.Add(1);
        table[slot].Users = 5;
        table.Remove(slot);
        Assert.Equal(slot, table.Add(2));
        Assert.Equal(0, table[slot].Users);
    }

    [Fact]
    public void A_slot_takes_no_more_memory_than_was_meant()
    {
        Assert.Equal(64, System.Runtime.CompilerServices.Unsafe.SizeOf<EntrySlot>());
        Assert.Equal(32, System.Runtime.CompilerServices.Unsafe.SizeOf<BodySlot>());
    }
}
