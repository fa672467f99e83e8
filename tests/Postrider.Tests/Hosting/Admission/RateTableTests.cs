using Postrider.Hosting.Admission;

namespace Postrider.Tests.Hosting.Admission;

public sealed class RateTableTests
{
    private static readonly RateLimit TenAMinute = new(10, TimeSpan.FromMinutes(1));

    [Fact]
    public void All_may_come_at_once_and_then_as_many_as_the_time_brings()
    {
        var table = new RateTable<int>();
        Assert.Equal(10, Taken(table, 1, 20, At(0)));
        Assert.Equal(0, Taken(table, 1, 1, At(5.9)));
        Assert.Equal(1, Taken(table, 1, 2, At(6)));
        Assert.Equal(4, Taken(table, 1, 20, At(30)));
        Assert.Equal(10, Taken(table, 1, 20, At(1000)));
    }

    [Fact]
    public void One_does_not_take_of_another()
    {
        var table = new RateTable<int>();
        Assert.Equal(10, Taken(table, 1, 20, At(0)));
        Assert.Equal(10, Taken(table, 2, 20, At(0)));
    }

    [Fact]
    public void No_limit_takes_no_place()
    {
        var table = new RateTable<int>();
        for (var i = 0; i < 1000; i++)
            Assert.True(table.TryTake(1, 1, RateLimit.Off, 0));
        Assert.Equal(10, Taken(table, 1, 20, 0));
    }

    [Fact]
    public void More_than_there_are_at_once_is_refused_and_takes_nothing()
    {
        var table = new RateTable<int>();
        Assert.False(table.TryTake(1, 11, TenAMinute, 0));
        Assert.True(table.TryTake(1, 10, TenAMinute, 0));
    }

    [Fact]
    public void A_rate_that_is_lowered_holds_at_once()
    {
        var table = new RateTable<int>();
        Assert.True(table.TryTake(1, 10, TenAMinute, 0));
        Assert.False(table.TryTake(1, 1, TenAMinute with { Count = 1 }, At(30)));
        Assert.True(table.TryTake(1, 1, TenAMinute with { Count = 1 }, At(61)));
    }

    [Fact]
    public void Who_is_over_the_rate_is_remembered_however_many_others_come()
    {
        var table = new RateTable<Guid>(places: 1024);
        var greedy = Guid.NewGuid();
        Assert.Equal(10, Taken(table, greedy, 20, 0));
        for (var i = 0; i < 100_000; i++)
            Assert.True(table.TryTake(Guid.NewGuid(), 1, TenAMinute, 0));
        Assert.False(table.TryTake(greedy, 1, TenAMinute, 0));
    }

    [Fact]
    public void Nobody_is_refused_because_of_others()
    {
        var table = new RateTable<Guid>(places: 8);
        for (var i = 0; i < 1000; i++)
            Assert.Equal(10, Taken(table, Guid.NewGuid(), 10, 0));
    }

    [Fact]
    public void A_table_grows_without_forgetting()
    {
        var table = new RateTable<Guid>();
        var keys = Enumerable.Range(0, 5000).Select(_ => Guid.NewGuid()).ToList();
        foreach (var key in keys)
            Assert.True(table.TryTake(key, 10, TenAMinute, 0));
        Assert.InRange(keys.Count(key => !table.TryTake(key, 1, TenAMinute, 0)), 4990, 5000);
    }

    private static long At(double seconds) => TimeSpan.FromSeconds(seconds).Ticks;

    private static int Taken<T>(RateTable<T> table, T key, int wanted, long now)
        where T : IEquatable<T>
    {
        var taken = 0;
        for (var i = 0; i < wanted; i++)
            taken += table.TryTake(key, 1, TenAMinute, now) ? 1 : 0;
        return taken;
    }
}
