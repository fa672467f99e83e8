using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Tests.Queue.Scheduling;

namespace Postrider.Tests.Queue.Outcomes;

public sealed class OutcomeRecorderTests
{
    [Fact]
    public void Outcomes_share_a_commit_and_are_on_disk_within_50_ms() => Run(async (rig, spool) =>
    {
        rig.OnDispatch = async entry =>
        {
            await rig.PassAsync(TimeSpan.FromMilliseconds(rig.Dispatched.Count));
            await rig.AnswerAsync(entry, _ => QueueRig.Delivered);
        };
        for (var i = 0; i < 10; i++)
            await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.PassAsync(TimeSpan.FromMilliseconds(1 + 50));
        Assert.Equal(0, rig.Queue.Counts.Entries);
        Assert.Equal(10, Assert.Single(spool.Commits).Changes.Count);
    });

    [Fact]
    public void Delivery_waits_only_beyond_the_limit_of_outcomes_that_are_not_on_disk() => Run(async (rig, spool) =>
    {
        var gate = new TaskCompletionSource();
        spool.OnCommit = () => gate.Task;
        var completed = 0;
        rig.OnDispatch = async entry =>
        {
            await rig.AnswerAsync(entry, _ => QueueRig.Delivered);
            completed++;
        };
        for (var i = 0; i < 1200; i++)
            await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1000, completed);
        Assert.Equal(1200, rig.Queue.Counts.Unsynced);
        gate.SetResult();
        await rig.UntilAsync(() => completed == 1200);
        Assert.Equal(0, rig.Queue.Counts.Entries);
        Assert.Equal(0, rig.Queue.Counts.Unsynced);
        Assert.Equal(1200, rig.Dispatched.Count);
    });

    [Theory]
    [InlineData(SpoolFault.NoSpace)]
    [InlineData(SpoolFault.Failed)]
    public void An_outcome_that_cannot_be_stored_is_kept_and_nothing_is_delivered_twice(SpoolFault fault) => Run(async (rig, spool) =>
    {
        rig.OnDispatch = entry => rig.AnswerAsync(entry, to => to.StartsWith('f') ? QueueRig.Failed : QueueRig.Delivered);
        spool.Fault = fault;
        for (var i = 0; i < 10; i++)
            await rig.AcceptAsync("a@sender", "hop", i % 2 == 0 ? "b@there" : "f@there");
        await rig.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(10, rig.Queue.Counts.Leased);
        Assert.InRange(rig.Events.OfType<QueueTrouble>().Count(), 5, 20);
        spool.Fault = SpoolFault.None;
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal(15, rig.Dispatched.Count);
        Assert.Equal(5, rig.Events.OfType<ReportQueued>().Count());
        Assert.InRange(rig.Elapsed.TotalSeconds, 300, 332);
    });

    [Fact]
    public void A_report_that_finds_no_room_holds_up_no_other_outcome() => Run(async (rig, spool) =>
    {
        rig.OnDispatch = entry => rig.AnswerAsync(entry, to => to.StartsWith('f') ? QueueRig.Failed : QueueRig.Delivered);
        await rig.AcceptAsync("a@sender", "hop", "f@there");
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        spool.BodyFault = SpoolFault.NoSpace;
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, rig.Queue.Counts.Entries);
        spool.BodyFault = SpoolFault.None;
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Single(rig.Events.OfType<ReportQueued>());
        Assert.Equal(3, rig.Dispatched.Count);
    });

    [Fact]
    public void An_outcome_that_does_not_fit_takes_no_other_with_it() => Run(async (rig, spool) =>
    {
        SpoolId odd = default;
        rig.OnDispatch = async entry =>
        {
            var envelope = await rig.Leases.BeginAsync(entry);
            if (entry.Id == odd)
            {
                // Somebody changes the entry behind the queue's back.
                await spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Changes = [new EntryChange(odd, 7, envelope!.State with { Version = 7 })] });
            }
            await rig.Leases.CompleteAsync(entry, [new RecipientOutcome(0, QueueRig.Delivered)]);
        };
        for (var i = 0; i < 10; i++)
        {
            var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
            if (i == 4)
                odd = id;
        }
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((1, 1), (rig.Queue.Counts.Entries, rig.Queue.Counts.Held));
        Assert.Equal(odd, Assert.Single(rig.Events.OfType<QueueTrouble>()).Id);
    });

    [Fact]
    public void Failures_of_one_message_by_several_ways_are_one_report() => Run(async (rig, spool) =>
    {
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => entry.NextHop == "sender" ? QueueRig.Delivered : QueueRig.Failed);
        var body = rig.Queue.CreateBody();
        await body.WriteAsync("Subject: x\r\n\r\n"u8.ToArray());
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var first = QueueRig.Envelope(rig.Queue.NewId(), body.Id, "a@sender", "one", now, "b@one");
        var second = QueueRig.Envelope(rig.Queue.NewId(), body.Id, "a@sender", "two", now, "c@two") with { Message = first.Message };
        Assert.Equal(SpoolFault.None, await rig.Queue.AcceptAsync([body], [first, second]));
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal(2, Assert.Single(rig.Events.OfType<ReportQueued>()).Recipients);
        var commit = spool.Commits[0];
        Assert.Equal((2, 1, 1), (commit.Changes.Count, commit.Bodies.Count, commit.Envelopes.Count));
    });

    [Fact]
    public void A_large_message_goes_back_as_its_header_alone() => Run(async (rig, _) =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => QueueRig.Failed);
        var body = rig.Queue.CreateBody();
        await body.WriteAsync("Subject: large\r\n\r\n"u8.ToArray());
        for (var i = 0; i < 2000; i++)
            await body.WriteAsync("A line of the body that is long.\r\n"u8.ToArray());
        await rig.AcceptBodyAsync(body, "a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Dispatched.Count == 2);
        var report = await rig.ContentAsync(rig.Dispatched[1].Entry.Id);
        Assert.Contains("Content-Type: text/rfc822-headers\r\n\r\nSubject: large\r\n", report, StringComparison.Ordinal);
        Assert.DoesNotContain("A line of the body", report, StringComparison.Ordinal);
        Assert.InRange(report.Length, 100, 4000);
    });

    private static void Run(Func<QueueRig, FaultySpool, Task> test) => QueueRig.Run(async simulation =>
    {
        var spool = new FaultySpool(new MemorySpool());
        await using var rig = new QueueRig(simulation, spool, options => options with { MaximumLeases = 100_000 });
        await rig.StartAsync();
        await test(rig, spool);
    });
}
