using Postrider.Testing.Timing;

namespace Postrider.Tests.Testing.Timing;

public sealed class ManualTimeTests
{
    private readonly ManualTime time = new();
    private readonly List<string> fired = [];

    [Fact]
    public void The_clock_moves_only_when_told()
    {
        var begin = time.GetUtcNow();
        var stamp = time.GetTimestamp();
        Assert.Equal(begin, time.GetUtcNow());
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(begin + TimeSpan.FromMinutes(5), time.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(5), time.GetElapsedTime(stamp));
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_time_and_then_of_their_making()
    {
        using var late = Timer("late", 3);
        using var second = Timer("second", 2);
        using var third = Timer("third", 2);
        using var first = Timer("first", 1);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["first@1", "second@2", "third@2"], fired);
        Assert.Equal(TimeSpan.FromSeconds(3), time.NextDue);
    }

    [Fact]
    public void A_periodic_timer_fires_at_each_period_until_it_is_stopped()
    {
        using var timer = Timer("beat", 1, 2);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(["beat@1", "beat@3", "beat@5"], fired);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(3, fired.Count);
        Assert.Null(time.NextDue);
    }

    [Fact]
    public void A_timer_that_was_changed_fires_at_its_new_time_only()
    {
        using var timer = Timer("moved", 1);
        timer.Change(TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["moved@5"], fired);
    }

    [Fact]
    public void A_disposed_timer_stays_silent()
    {
        Timer("never", 1).Dispose();
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(fired);
        Assert.False(time.AdvanceToNext());
    }

    [Fact]
    public void To_the_next_timer_is_as_far_as_it_goes()
    {
        using var timer = Timer("once", 7);
        Assert.True(time.AdvanceToNext());
        Assert.Equal(TimeSpan.FromSeconds(7), time.Elapsed);
        Assert.False(time.AdvanceToNext());
        Assert.Equal(TimeSpan.FromSeconds(7), time.Elapsed);
    }

    [Fact]
    public void A_delay_ends_with_the_clock()
    {
        var delay = Task.Delay(TimeSpan.FromDays(1), time);
        time.Advance(TimeSpan.FromHours(23));
        Assert.False(delay.IsCompleted);
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(delay.IsCompleted);
    }

    private ITimer Timer(string name, int due, int? period = null) => time.CreateTimer(
        _ => fired.Add(FormattableString.Invariant($"{name}@{time.Elapsed.TotalSeconds}")),
        null,
        TimeSpan.FromSeconds(due),
        period is { } each ? TimeSpan.FromSeconds(each) : Timeout.InfiniteTimeSpan);
}
