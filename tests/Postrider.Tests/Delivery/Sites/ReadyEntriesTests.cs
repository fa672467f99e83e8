using Postrider.Delivery.Sites;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Delivery.Sites;

public sealed class ReadyEntriesTests
{
    [Theory]
    [InlineData("0 0 0 0", "1 2 3 4")]
    [InlineData("0 0 4 4", "3 4 1 2")]
    [InlineData("-9 0 4 4 4 4 4", "3 4 5 1 6 7 2")]
    [InlineData("-9 -9 -9 0 9 9 9 9 9 9", "5 6 7 1 8 9 10 2 4 3")]
    public void The_urgent_go_first_and_each_fourth_time_what_came_first(string priorities, string order)
    {
        var ready = new ReadyEntries();
        // Again, once it has been empty.
        for (var round = 0; round < 2; round++)
        {
            ulong id = 0;
            foreach (var priority in priorities.Split(' '))
                ready.Enqueue(new DueEntry(new SpoolId(++id), "hop", 1) { Priority = sbyte.Parse(priority, System.Globalization.CultureInfo.InvariantCulture) });
            var taken = new List<ulong>();
            while (ready.TryDequeue(out var entry))
                taken.Add(entry.Id.Value);
            if (round == 0)
                Assert.Equal(order, string.Join(' ', taken));
            Assert.Equal(Enumerable.Range(1, taken.Count).Select(i => (ulong)i), taken.Order());
            Assert.Equal(0, ready.Count);
        }
    }

    [Fact]
    public void All_can_be_taken_away()
    {
        var ready = new ReadyEntries();
        for (ulong id = 1; id <= 20; id++)
            ready.Enqueue(new DueEntry(new SpoolId(id), "hop", 1) { Priority = (sbyte)((id % 3) - 1) });
        Assert.Equal(20, ready.Drain().Select(static entry => entry.Id).Distinct().Count());
        Assert.Equal(0, ready.Count);
        Assert.False(ready.TryDequeue(out _));
    }
}
