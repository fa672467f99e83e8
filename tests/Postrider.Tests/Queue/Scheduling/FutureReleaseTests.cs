using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;

namespace Postrider.Tests.Queue.Scheduling;

/// <summary>What its sender wants to be kept until a time (RFC 4865) lies in the queue until then.</summary>
public sealed class FutureReleaseTests
{
    private static readonly TimeSpan kept = TimeSpan.FromHours(30);

    [Fact]
    public void It_goes_when_its_time_has_come_and_not_before() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        await rig.StartAsync();
        await AcceptAsync(rig);
        await rig.PassAsync(kept - TimeSpan.FromSeconds(1));
        Assert.Empty(rig.Dispatched);
        await rig.PassAsync(TimeSpan.FromSeconds(2));
        Assert.InRange(Assert.Single(rig.Dispatched).At, kept, kept + TimeSpan.FromSeconds(1));
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
    });

    [Fact]
    public void A_restart_changes_nothing_of_it() => QueueRig.Run(async simulation =>
    {
        MemorySpool spool;
        await using (var first = new QueueRig(simulation))
        {
            await first.StartAsync();
            await AcceptAsync(first);
            await first.PassAsync(TimeSpan.FromHours(1));
            spool = ((MemorySpool)first.Spool).Reopen();
        }
        await using var rig = new QueueRig(simulation, spool);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Dispatched.Count > 0);
        Assert.InRange(rig.Dispatched[0].At, kept, kept + TimeSpan.FromHours(0.2));
    });

    [Fact]
    public void Its_age_counts_from_then() => QueueRig.Run(async simulation =>
    {
        var giveUp = TimeSpan.FromHours(20);
        await using var rig = new QueueRig(simulation, configure: options => options with
        {
            Retry = new RetrySchedule([TimeSpan.FromHours(1)], giveUp, spread: 0),
            DelayReportAfter = TimeSpan.FromHours(4),
        });
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => entry.NextHop == "b.example" ? QueueRig.Deferred : QueueRig.Delivered);
        await rig.StartAsync();
        await AcceptAsync(rig, notify: Notifications.Delay | Notifications.Failure);
        await rig.UntilAsync(() => rig.Events.OfType<AttemptEnded>().Any(ended => ended.IsExpired));
        // The first attempt at 30 hours, the last 20 hours later.
        Assert.InRange(rig.Elapsed, kept + giveUp, kept + giveUp + TimeSpan.FromMinutes(20));
        // The delay is told once the message has waited 4 hours since its time, not at the first failure of one accepted 30 hours ago.
        var reports = rig.Events.OfType<ReportQueued>().ToList();
        Assert.Equal(2, reports.Count);
        Assert.InRange(simulation.Time.Elapsed - (simulation.Time.GetUtcNow() - reports[0].Time), kept + TimeSpan.FromHours(3), kept + TimeSpan.FromHours(4));
    });

    [Fact]
    public void A_report_of_its_failure_says_what_was_asked_for() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        SpoolId? report = null;
        rig.OnDispatch = async entry =>
        {
            if (entry.NextHop == "b.example")
                await rig.AnswerAsync(entry, _ => QueueRig.Failed);
            else
                report = entry.Id;
        };
        await rig.StartAsync();
        await AcceptAsync(rig);
        await rig.UntilAsync(() => report is not null);
        Assert.Contains("\r\nFuture-Release-Request: for;108000\r\n", await rig.ContentAsync(report!.Value), StringComparison.Ordinal);
    });

    [Fact]
    public void Trying_all_again_does_not_send_it_early_and_releasing_it_does() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        await rig.StartAsync();
        var id = await AcceptAsync(rig);
        Assert.Equal(0, await rig.Queue.RetryAllAsync());
        Assert.Equal(CommandResult.IsHeld, await rig.Queue.RetryAsync(id));

        // An operator's hold and its end leave the sender's time as it is.
        Assert.Equal(CommandResult.Done, await rig.Queue.HoldAsync(id, "look"));
        Assert.Equal(CommandResult.Done, await rig.Queue.ReleaseAsync(id));
        await rig.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(rig.Dispatched);

        Assert.Equal(CommandResult.Done, await rig.Queue.ReleaseAsync(id));
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.True(rig.Elapsed < TimeSpan.FromMinutes(2));
        Assert.Single(rig.Dispatched);
    });

    [Fact]
    public void Once_released_it_is_tried_again_like_any_other() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => QueueRig.Deferred);
        await rig.StartAsync();
        var id = await AcceptAsync(rig);
        await rig.Queue.ReleaseAsync(id);
        await rig.UntilAsync(() => rig.Events.OfType<AttemptEnded>().Any());
        Assert.Equal(CommandResult.AlreadySo, await rig.Queue.ReleaseAsync(id));
        Assert.Equal(1, await rig.Queue.RetryAllAsync());
        await rig.UntilAsync(() => rig.Dispatched.Count == 2);
        Assert.True(rig.Elapsed < TimeSpan.FromMinutes(1));
    });

    private static async Task<SpoolId> AcceptAsync(QueueRig rig, Notifications notify = Notifications.Unspecified)
    {
        rig.Wishes = envelope => envelope with
        {
            Release = new FutureRelease { After = kept },
            Recipients = [envelope.Recipients[0] with { Notify = notify }],
        };
        return await rig.AcceptAsync("jones@a.example", "b.example", "anna@b.example");
    }
}
