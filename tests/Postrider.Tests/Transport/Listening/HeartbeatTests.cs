using Postrider.Testing.Timing;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

public sealed class HeartbeatTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Ten_thousand_members_are_looked_at_each_second_and_leave_as_they_like()
    {
        using var heartbeat = new Heartbeat(time);
        var random = new Random(1);
        var members = Enumerable.Range(0, 10_000).Select(_ => new Member()).ToList();
        members.ForEach(heartbeat.Add);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.All(members, member => Assert.Equal(3, member.Beats));

        var gone = members.Where(_ => random.Next(2) == 0).ToHashSet();
        foreach (var member in gone)
            heartbeat.Remove(member);
        Assert.Equal(10_000 - gone.Count, heartbeat.Count);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(members, member => Assert.Equal(gone.Contains(member) ? 3 : 4, member.Beats));
        Assert.True(heartbeat.ToArray().ToHashSet().SetEquals(members.Except(gone)));
    }

    [Fact]
    public void Without_members_no_timer_runs()
    {
        using var heartbeat = new Heartbeat(time);
        Assert.Null(time.NextDue);
        var member = new Member();
        heartbeat.Add(member);
        Assert.NotNull(time.NextDue);
        heartbeat.Remove(member);
        Assert.Null(time.NextDue);
        time.Advance(TimeSpan.FromHours(1));
        heartbeat.Add(member);
        Assert.Equal(3_600_000, heartbeat.Now);
    }

    [Fact]
    public void A_member_may_leave_while_it_is_looked_at()
    {
        using var heartbeat = new Heartbeat(time);
        var members = Enumerable.Range(0, 100).Select(_ => new Member()).ToList();
        members.ForEach(heartbeat.Add);
        members.ForEach(member => member.OnBeat = () => heartbeat.Remove(member));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, heartbeat.Count);
        Assert.All(members, member => Assert.Equal(1, member.Beats));
    }

    private sealed class Member : IHeartbeatMember
    {
        public int HeartbeatSlot { get; set; }

        public int Beats { get; private set; }

        public Action? OnBeat { get; set; }

        public void Beat(long now)
        {
            Beats++;
            OnBeat?.Invoke();
        }
    }
}
