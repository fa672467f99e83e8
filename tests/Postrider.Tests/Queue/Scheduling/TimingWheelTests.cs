using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Scheduling;

public sealed class TimingWheelTests
{
    private const uint Start = 1_800_000_123;
    private const uint FortyEightDays = 1023 << 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_gives_each_entry_in_its_second_whatever_is_added_and_removed(int seed)
    {
        var random = new Random(seed);
        var slots = new EntrySlots();
        var wheel = new TimingWheel(slots, Start);
        var model = new Dictionary<int, uint>();
        var now = Start;
        ulong id = 0;
        for (var round = 0; round < 2000; round++)
        {
            for (var i = random.Next(8); i > 0; i--)
            {
                var slot = slots.Add(new SpoolId(++id));
                slots[slot].Due = now + (uint)(random.Next(3) switch { 0 => random.Next(100), 1 => random.Next(100_000), _ => random.Next(6_000_000) });
                wheel.Add(slot);
                Assert.InRange(slots[slot].Due, now, now + 1 + FortyEightDays);
                model.Add(slot, slots[slot].Due);
            }
            if (model.Count > 0 && random.Next(3) == 0)
            {
                var slot = model.Keys.ElementAt(random.Next(model.Count));
                wheel.Remove(slot);
                slots.Remove(slot);
                model.Remove(slot);
            }

            now += (uint)(random.Next(20) switch { 0 => random.Next(500_000), < 5 => random.Next(5000), _ => random.Next(3) });
            AssertNextDue(wheel, model, now);
            TakeAll(slots, wheel, model, now, random.Next(1, 50));
            Assert.Equal(model.Count, wheel.Count);
        }
    }

    [Fact]
    public void Those_due_in_one_second_come_in_the_order_in_which_they_were_added()
    {
        var slots = new EntrySlots();
        var wheel = new TimingWheel(slots, Start);
        foreach (var due in (uint[])[Start + 5000, Start + 10])
        {
            for (ulong i = 1; i <= 100; i++)
            {
                var slot = slots.Add(new SpoolId((due << 8) + i));
                slots[slot].Due = due;
                wheel.Add(slot);
            }
        }
        var steps = 10_000;
        ulong last = 0;
        for (var i = 0; i < 200; i++)
        {
            var slot = wheel.TakeDue(Start + 5000, ref steps);
            var key = ((ulong)slots[slot].Due << 32) + (slots[slot].Id & 0xFF);
            Assert.True(key > last);
            last = key;
        }
        Assert.Equal(-1, wheel.TakeDue(Start + 5000, ref steps));
    }

    private static void AssertNextDue(TimingWheel wheel, Dictionary<int, uint> model, uint now)
    {
        if (model.Count == 0)
        {
            Assert.Null(wheel.NextDue());
            return;
        }
        // It may be early, to sort a block, but never late.
        Assert.True(wheel.NextDue() <= model.Values.Min());
    }

    private static void TakeAll(EntrySlots slots, TimingWheel wheel, Dictionary<int, uint> model, uint now, int bound)
    {
        uint last = 0;
        while (true)
        {
            var steps = bound;
            while (wheel.TakeDue(now, ref steps) is >= 0 and var slot)
            {
                Assert.True(model.Remove(slot, out var due));
                Assert.True(due <= now && due >= last);
                last = due;
                slots.Remove(slot);
            }
            if (steps > 0)
                break;
        }
        Assert.DoesNotContain(model.Values, due => due <= now);
    }
}
