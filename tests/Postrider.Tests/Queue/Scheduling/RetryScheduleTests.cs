using Postrider.Queue.Scheduling;

namespace Postrider.Tests.Queue.Scheduling;

public sealed class RetryScheduleTests
{
    [Theory]
    [InlineData(1, 0, 0.5, 1)]
    [InlineData(2, 1, 0.5, 5)]
    [InlineData(3, 6, 0.5, 15)]
    [InlineData(4, 21, 0.5, 30)]
    [InlineData(5, 51, 0.5, 60)]
    [InlineData(6, 111, 0.5, 120)]
    [InlineData(7, 231, 0.5, 240)]
    [InlineData(8, 471, 0.5, 240)]
    [InlineData(1000, 471, 0.5, 240)]
    [InlineData(4, 21, 0.0, 27)]
    [InlineData(4, 21, 1.0, 33)]
    [InlineData(30, (5 * 1440) - 100, 0.5, 100)]
    [InlineData(30, (5 * 1440) - 1, 0.5, 1)]
    [InlineData(30, 5 * 1440, 0.5, null)]
    [InlineData(1, 6 * 1440, 0.5, null)]
    public void The_default_is_the_table_of_RFC_5321(int attempts, int ageMinutes, double chance, int? minutes) => Assert.Equal(
        minutes is { } expected ? TimeSpan.FromMinutes(expected) : null,
        RetrySchedule.Default.Next(attempts, TimeSpan.FromMinutes(ageMinutes), chance));

    [Fact]
    public void An_own_schedule_is_followed()
    {
        var schedule = new RetrySchedule([TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)], TimeSpan.FromMinutes(1), 0);
        Assert.Equal(TimeSpan.FromSeconds(10), schedule.Next(1, TimeSpan.Zero, 0.9));
        Assert.Equal(TimeSpan.FromSeconds(20), schedule.Next(2, TimeSpan.FromSeconds(10), 0.9));
        Assert.Equal(TimeSpan.FromSeconds(20), schedule.Next(3, TimeSpan.FromSeconds(30), 0.9));
        Assert.Equal(TimeSpan.FromSeconds(10), schedule.Next(4, TimeSpan.FromSeconds(50), 0.9));
        Assert.Null(schedule.Next(5, TimeSpan.FromSeconds(60), 0.9));
    }

    [Fact]
    public void A_schedule_that_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new RetrySchedule([], TimeSpan.FromDays(1)));
        Assert.Throws<ArgumentException>(() => new RetrySchedule([TimeSpan.Zero], TimeSpan.FromDays(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetrySchedule([TimeSpan.FromDays(1)], TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetrySchedule([TimeSpan.FromDays(1)], TimeSpan.FromDays(1), 0.6));
    }
}
