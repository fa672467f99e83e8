using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;

namespace Postrider.Tests.Queue.Scheduling;

/// <summary>What is to be delivered within a time (RFC 2852): it is returned when that is over, or its sender is told.</summary>
public sealed class DeliverByTests
{
    private static readonly TimeSpan time = TimeSpan.FromMinutes(100);

    [Theory]
    [InlineData(Notifications.Unspecified, 1)]
    [InlineData(Notifications.Failure, 1)]
    [InlineData(Notifications.Never, 0)]
    [InlineData(Notifications.Delay, 0)]
    public void What_is_to_be_returned_is_when_the_time_is_over_and_not_at_the_next_retry(Notifications notify, int count) => QueueRig.Run(async simulation =>
    {
        await using var rig = await StartAsync(new QueueRig(simulation), QueueRig.Deferred);
        await AcceptAsync(rig, notify, isReturned: true);
        await rig.UntilAsync(() => rig.Events.OfType<AttemptEnded>().Any(ended => ended.Status.Result == DeliveryResult.Failed));
        Assert.InRange(rig.Elapsed, time, time + TimeSpan.FromMinutes(1));
        var end = rig.Events.OfType<AttemptEnded>().Last();
        Assert.True(end.IsExpired);
        Assert.Equal("5.4.7 Not delivered within 6000 seconds, as the sender wanted: Later", $"{end.Status.Enhanced} {end.Status.Text}");
        // The last attempt was before: at the end there was none.
        Assert.All(rig.Began, began => Assert.True(began < time));
        var reports = await ReportsAsync(rig);
        Assert.Equal(count, reports.Count);
        Assert.All(reports, report =>
        {
            Assert.Contains("\r\nAction: failed\r\nStatus: 5.4.7\r\n", report, StringComparison.Ordinal);
            Assert.Contains("\r\nDeliver-By-Date: ", report, StringComparison.Ordinal);
        });
    });

    [Theory]
    [InlineData(Notifications.Unspecified, 1)]
    [InlineData(Notifications.Delay | Notifications.Failure, 1)]
    [InlineData(Notifications.Failure, 0)]
    [InlineData(Notifications.Never, 0)]
    public void Who_is_to_be_told_is_told_once_and_it_is_tried_on(Notifications notify, int count) => QueueRig.Run(async simulation =>
    {
        // The usual report of a delay would come much later.
        await using var rig = await StartAsync(new QueueRig(simulation, configure: options => options with { DelayReportAfter = TimeSpan.FromDays(4) }), QueueRig.Deferred);
        await AcceptAsync(rig, notify, isReturned: false);
        await rig.PassAsync(time - TimeSpan.FromMinutes(1));
        Assert.Empty(await ReportsAsync(rig));
        await rig.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(count, (await ReportsAsync(rig)).Count);
        await rig.PassAsync(TimeSpan.FromDays(2));
        var reports = await ReportsAsync(rig);
        Assert.Equal(count, reports.Count);
        Assert.All(reports, report => Assert.Contains("\r\nAction: delayed\r\nStatus: 4.4.7\r\n", report, StringComparison.Ordinal));
        Assert.True(rig.Began.Count(began => began > time + TimeSpan.FromHours(1)) > 3);
    });

    [Fact]
    public void Who_has_been_told_by_another_server_is_not_told_again() => QueueRig.Run(async simulation =>
    {
        await using var rig = await StartAsync(new QueueRig(simulation), QueueRig.Deferred);
        await AcceptAsync(rig, Notifications.Unspecified, isReturned: false, TimeSpan.FromSeconds(-30));
        await rig.PassAsync(TimeSpan.FromDays(2));
        Assert.Empty(await ReportsAsync(rig));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_site_that_takes_nothing_changes_nothing_of_it(bool isReturned) => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry =>
        {
            if (entry.NextHop == "b.example")
                rig.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromHours(9), "The site is closed");
            return Task.CompletedTask;
        };
        await rig.StartAsync();
        await AcceptAsync(rig, Notifications.Unspecified, isReturned);
        await rig.PassAsync(time + TimeSpan.FromMinutes(1));
        var report = Assert.Single(await ReportsAsync(rig));
        Assert.Contains(isReturned ? "Status: 5.4.7" : "Status: 4.4.7", report, StringComparison.Ordinal);
        Assert.Contains("The site is closed", report, StringComparison.Ordinal);
    });

    [Fact]
    public void A_restart_behind_the_time_returns_it_without_another_attempt() => QueueRig.Run(async simulation =>
    {
        MemorySpool spool;
        await using (var first = await StartAsync(new QueueRig(simulation), QueueRig.Deferred))
        {
            await AcceptAsync(first, Notifications.Unspecified, isReturned: true);
            await first.PassAsync(TimeSpan.FromMinutes(1));
            spool = ((MemorySpool)first.Spool).Reopen();
        }
        await Task.Delay(time, simulation.Time);
        await using var rig = await StartAsync(new QueueRig(simulation, spool), QueueRig.Delivered);
        await rig.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Contains("Status: 5.4.7", Assert.Single(await ReportsAsync(rig)), StringComparison.Ordinal);
        Assert.Empty(rig.Began);
    });

    [Theory]
    [InlineData(false, false, true, Notifications.Unspecified, 0)]
    [InlineData(false, false, false, Notifications.Unspecified, 1)]
    [InlineData(false, true, true, Notifications.Unspecified, 1)]
    [InlineData(true, true, true, Notifications.Failure, 1)]
    [InlineData(true, true, true, Notifications.Never, 0)]
    [InlineData(false, false, false, Notifications.Never, 0)]
    public void Passing_it_on_is_told_for_a_trace_and_where_nobody_keeps_to_the_time(bool isReturned, bool isTraced, bool isKept, Notifications notify, int count) => QueueRig.Run(async simulation =>
    {
        await using var rig = await StartAsync(new QueueRig(simulation), QueueRig.Relayed with { KeepsDeadline = isKept, IsReportedOn = true });
        await AcceptAsync(rig, notify, isReturned, isTraced: isTraced);
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        var reports = await ReportsAsync(rig);
        Assert.Equal(count, reports.Count);
        Assert.All(reports, report => Assert.Contains("\r\nAction: relayed\r\nStatus: 2.0.0\r\n", report, StringComparison.Ordinal));
    });

    [Fact]
    public void The_time_counts_from_a_later_release() => QueueRig.Run(async simulation =>
    {
        await using var rig = await StartAsync(new QueueRig(simulation), QueueRig.Deferred);
        rig.Wishes = envelope => envelope with { Release = new FutureRelease { After = TimeSpan.FromDays(1) }, DeliverBy = new DeliverBy(time, IsReturned: true) };
        await rig.AcceptAsync("jones@a.example", "b.example", "anna@b.example");
        await rig.UntilAsync(() => rig.Events.OfType<ReportQueued>().Any());
        Assert.InRange(rig.Elapsed, TimeSpan.FromDays(1) + time, TimeSpan.FromDays(1) + time + TimeSpan.FromMinutes(10));
    });

    private static async Task<QueueRig> StartAsync(QueueRig rig, DeliveryStatus status)
    {
        // Reports to the sender stay where they are.
        rig.OnDispatch = entry => entry.NextHop == "a.example" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => status);
        await rig.StartAsync();
        return rig;
    }

    private static async Task AcceptAsync(QueueRig rig, Notifications notify, bool isReturned, TimeSpan? within = null, bool isTraced = false)
    {
        rig.Wishes = envelope => envelope with
        {
            DeliverBy = new DeliverBy(within ?? time, isReturned, isTraced),
            Recipients = [envelope.Recipients[0] with { Notify = notify }],
        };
        await rig.AcceptAsync("jones@a.example", "b.example", "anna@b.example");
    }

    private static async Task<List<string>> ReportsAsync(QueueRig rig)
    {
        var reports = new List<string>();
        foreach (var queued in rig.Events.OfType<ReportQueued>())
            reports.Add(await rig.ContentAsync(queued.Report));
        return reports;
    }
}
