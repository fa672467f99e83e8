using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Scheduling;

public sealed class MailQueueTests
{
    [Fact]
    public void Accepted_mail_is_offered_at_once_and_gone_when_delivered() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        var (at, entry) = Assert.Single(rig.Dispatched);
        Assert.Equal(TimeSpan.Zero, at);
        Assert.Equal((id, "hop"), (entry.Id, entry.NextHop));
        Assert.Null(await rig.Spool.ReadAsync(id));
        Assert.Collection(
            rig.Events,
            e => Assert.IsType<EnvelopeAccepted>(e),
            e => Assert.Equal(QueueRig.Delivered, Assert.IsType<AttemptEnded>(e).Status));
    });

    [Fact]
    public void Five_days_of_failures_follow_the_schedule_and_end_with_a_report() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation, configure: options => options with { Retry = new RetrySchedule(RetrySchedule.Default.Intervals, TimeSpan.FromDays(5), 0) });
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => entry.NextHop == "hop" ? QueueRig.Deferred : QueueRig.Relayed);
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);

        var attempts = rig.Dispatched.Where(d => d.Entry.Id == id).Select(d => d.At).ToList();
        double[] firstMinutes = [0, 1, 6, 21, 51, 111, 231, 471];
        for (var i = 0; i < firstMinutes.Length; i++)
            Assert.InRange(attempts[i].TotalMinutes, firstMinutes[i], firstMinutes[i] + 0.2);
        Assert.InRange(attempts[^1].TotalHours, 120, 120.1);
        Assert.InRange(attempts.Count, 35, 38);

        var last = rig.Events.OfType<AttemptEnded>().Last(e => e.Id == id);
        Assert.True(last.IsExpired);
        Assert.Equal("4.4.7", last.Status.Enhanced.ToString());
        var report = Assert.Single(rig.Events.OfType<ReportQueued>());
        Assert.Equal((id, "a@sender"), (report.Id, report.To.ToString()));
        Assert.Equal("sender", rig.Dispatched.Single(d => d.Entry.Id == report.Report).Entry.NextHop);
    });

    [Fact]
    public void A_failure_and_its_report_are_one_commit_and_the_report_has_the_null_sender() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => entry.NextHop == "hop"
            ? rig.AnswerAsync(entry, to => to == "b@there" ? QueueRig.Relayed : QueueRig.Failed)
            : Task.CompletedTask;
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there", "c@there", "d@there");
        await rig.UntilAsync(() => rig.Dispatched.Count == 2);

        Assert.Null(await rig.Spool.ReadAsync(id));
        var report = (await rig.Queue.ShowAsync(rig.Dispatched[1].Entry.Id))!.Envelope!;
        Assert.True(report.Envelope.ReversePath.IsNull);
        Assert.Equal("a@sender", Assert.Single(report.Envelope.Recipients).Mailbox.ToString());
        var text = await rig.ContentAsync(report.Id);
        Assert.Contains("Final-Recipient: rfc822; c@there\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: rfc822; d@there\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Final-Recipient: rfc822; b@there", text, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\nHello.\r\n", text, StringComparison.Ordinal);
    });

    [Fact]
    public void The_null_sender_gets_no_report() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => QueueRig.Failed);
        await rig.StartAsync();
        await rig.AcceptAsync(null, "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Single(rig.Events.OfType<ReportDropped>());
        Assert.Single(rig.Dispatched);
    });

    [Fact]
    public void A_report_that_fails_is_the_end_of_it() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => QueueRig.Failed);
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal(2, rig.Dispatched.Count);
        Assert.Single(rig.Events.OfType<ReportQueued>());
        Assert.Single(rig.Events.OfType<ReportDropped>());
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sender_without_a_route_gets_no_report_and_the_failure_is_recorded(bool throws) => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation, nextHopOf: _ => throws ? throw new FormatException("no") : null);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => QueueRig.Failed);
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Single(rig.Events.OfType<ReportDropped>());
    });

    [Fact]
    public void Not_tried_moves_no_clock() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        var handedBack = 0;
        rig.OnDispatch = async entry =>
        {
            if (handedBack++ >= 10)
            {
                await rig.AnswerAsync(entry, _ => QueueRig.Delivered);
                return;
            }
            // With and without an attempt that has begun.
            if (handedBack % 2 == 0)
                await rig.Leases.BeginAsync(entry);
            rig.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromSeconds(30), "full");
        };
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => handedBack == 1);
        Assert.Equal("full", Assert.Single(rig.Queue.CountByNextHop()).Reason);
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal(1, rig.Events.OfType<AttemptEnded>().Single(e => e.Id == id).Attempts);
        Assert.InRange(rig.Elapsed.TotalSeconds, 300, 312);
    });

    [Fact]
    public void Mail_that_can_never_be_tried_is_given_up_too() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry =>
        {
            if (entry.NextHop != "hop")
                return rig.AnswerAsync(entry, _ => QueueRig.Delivered);
            rig.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromHours(1), "The site is closed");
            return Task.CompletedTask;
        };
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.InRange(rig.Elapsed.TotalHours, 120, 122);
        Assert.Contains("The site is closed", rig.Events.OfType<AttemptEnded>().First().Status.Text, StringComparison.Ordinal);
        Assert.Single(rig.Events.OfType<ReportQueued>());
    });

    [Fact]
    public void A_queue_that_was_down_too_long_tries_once_before_it_gives_up() => QueueRig.Run(async simulation =>
    {
        var first = new MemorySpool();
        await using (var rig = new QueueRig(simulation, first))
        {
            rig.OnDispatch = _ => Task.CompletedTask;
            await rig.StartAsync();
            await rig.AcceptAsync("a@sender", "hop", "b@there");
            await rig.PassAsync(TimeSpan.FromMinutes(1));
        }
        await Task.Delay(TimeSpan.FromDays(7), simulation.Time);
        await using var second = new QueueRig(simulation, first.Reopen());
        var isFirst = true;
        second.OnDispatch = entry =>
        {
            if (!isFirst)
                return second.AnswerAsync(entry, _ => QueueRig.Delivered);
            isFirst = false;
            second.Leases.NotTried(entry, simulation.Time.GetUtcNow(), "full");
            return Task.CompletedTask;
        };
        await second.StartAsync();
        await second.UntilAsync(() => second.Queue.Counts.Entries == 0);
        Assert.Equal(DeliveryResult.Delivered, Assert.Single(second.Events.OfType<AttemptEnded>()).Status.Result);
    });

    [Fact]
    public void Recipients_whose_fates_differ_are_split() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, to => rig.Dispatched.Count > 1 ? QueueRig.Relayed : to switch
        {
            "later@there" => QueueRig.Deferred,
            "untried@there" => null,
            _ => QueueRig.Relayed,
        });
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "now@there", "later@there", "untried@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);

        var ends = rig.Events.OfType<AttemptEnded>().Select(e => (e.Recipient.Mailbox.ToString(), e.Status.Result, e.Attempts)).ToList();
        Assert.Equal(
            [("now@there", DeliveryResult.Relayed, 1), ("later@there", DeliveryResult.Deferred, 1), ("untried@there", DeliveryResult.Relayed, 1), ("later@there", DeliveryResult.Relayed, 2)],
            ends);
        Assert.True(rig.Dispatched[1].At < TimeSpan.FromSeconds(2));
        Assert.NotEqual(id, rig.Dispatched[1].Entry.Id);
        Assert.Equal(id, rig.Dispatched[2].Entry.Id);
    });

    [Fact]
    public void New_routes_sort_the_recipients_anew() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = async entry =>
        {
            if (entry.NextHop == "old")
            {
                var envelope = await rig.Leases.BeginAsync(entry);
                await rig.Leases.RerouteAsync(entry, [.. envelope!.State.Open.Select(open => envelope.Envelope.Recipients[open.Index].Mailbox.LocalPart == "b" ? "one" : "two")]);
                return;
            }
            await rig.AnswerAsync(entry, _ => QueueRig.Relayed);
        };
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "old", "b@there", "c@there", "d@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal("old one two", Sorted(rig.Dispatched.Select(d => d.Entry.NextHop)));
        Assert.Equal("b@there c@there d@there", Sorted(rig.Events.OfType<AttemptEnded>().Select(e => e.Recipient.Mailbox.ToString())));
        Assert.All(rig.Events.OfType<AttemptEnded>(), e => Assert.Equal((1, id), (e.Attempts, e.Message)));
    });

    [Fact]
    public void What_an_operator_made_due_is_due_on_its_new_route_too() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        var attempts = 0;
        rig.OnDispatch = async entry =>
        {
            switch (++attempts)
            {
                case 1:
                    await rig.AnswerAsync(entry, _ => QueueRig.Deferred);
                    break;
                case 2:
                    await rig.Leases.BeginAsync(entry);
                    await rig.Leases.RerouteAsync(entry, ["new"]);
                    break;
                default:
                    await rig.AnswerAsync(entry, _ => QueueRig.Relayed);
                    break;
            }
        };
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "old", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
        Assert.Equal(1, await rig.Queue.RetryAllAsync());
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal("new", rig.Dispatched[2].Entry.NextHop);
        Assert.True(rig.Dispatched[2].At < TimeSpan.FromSeconds(5));
    });

    [Fact]
    public void A_reroute_to_where_it_is_changes_nothing() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        var isFirst = true;
        rig.OnDispatch = async entry =>
        {
            if (!isFirst)
            {
                await rig.AnswerAsync(entry, _ => QueueRig.Relayed);
                return;
            }
            isFirst = false;
            await rig.Leases.BeginAsync(entry);
            await rig.Leases.RerouteAsync(entry, ["hop"]);
        };
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal([id, id], rig.Dispatched.Select(d => d.Entry.Id));
    });

    [Fact]
    public void An_attempt_that_ends_without_an_outcome_is_not_repeated_in_the_same_breath() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => null);
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        Assert.InRange(rig.Dispatched.Count, 5, 11);
    });

    [Fact]
    public void A_delivery_that_throws_does_not_stop_the_queue() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => rig.Dispatched.Count == 1 ? throw new FormatException("broken") : rig.AnswerAsync(entry, _ => QueueRig.Delivered);
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.AcceptAsync("a@sender", "hop", "c@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.IsType<FormatException>(Assert.Single(rig.Events.OfType<QueueTrouble>()).Cause);
        Assert.InRange(rig.Elapsed.TotalSeconds, 60, 63);
    });

    [Fact]
    public void An_observer_that_throws_harms_no_mail() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation) { OnEvent = _ => throw new FormatException("broken") };
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.True(await rig.Queue.StopAsync(TimeSpan.FromSeconds(1)));
    });

    [Fact]
    public void Stopping_waits_for_the_attempts_under_way_and_offers_nothing_more() => QueueRig.Run(async simulation =>
    {
        var spool = new MemorySpool();
        await using var rig = new QueueRig(simulation, spool);
        rig.OnDispatch = async entry =>
        {
            await rig.PassAsync(TimeSpan.FromSeconds(5));
            await rig.AnswerAsync(entry, _ => QueueRig.Delivered);
        };
        await rig.StartAsync();
        var first = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
        var stopping = rig.Queue.StopAsync(TimeSpan.FromSeconds(30));
        var second = await rig.AcceptAsync("a@sender", "hop", "c@there");
        Assert.True(await stopping);
        Assert.Null(await spool.ReadAsync(first));
        Assert.NotNull(await spool.ReadAsync(second));
        Assert.Single(rig.Dispatched);
    });

    [Fact]
    public void Stopping_gives_up_when_its_grace_is_over() => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation) { OnDispatch = _ => Task.CompletedTask };
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
        Assert.False(await rig.Queue.StopAsync(TimeSpan.FromSeconds(30)));
        Assert.InRange(rig.Elapsed.TotalSeconds, 30, 31);
    });

    [Fact]
    public void Three_starts_without_an_end_put_an_entry_on_hold() => QueueRig.Run(async simulation =>
    {
        var spool = new MemorySpool();
        SpoolId id = default;
        for (var crash = 0; crash < 3; crash++)
        {
            await using var rig = new QueueRig(simulation, spool);
            rig.OnDispatch = entry => rig.Leases.BeginAsync(entry).AsTask();
            await rig.StartAsync();
            if (crash == 0)
                id = await rig.AcceptAsync("a@sender", "hop", "b@there");
            await rig.UntilAsync(() => rig.Dispatched.Count == 1);
            await rig.PassAsync(TimeSpan.FromSeconds(1));
            spool = spool.Reopen();
        }
        await using var last = new QueueRig(simulation, spool);
        await last.StartAsync();
        await last.UntilAsync(() => last.Events.OfType<EntryHeld>().Any());
        Assert.Empty(last.Dispatched);
        var shown = await last.Queue.ShowAsync(id);
        Assert.Equal(QueuedState.Held, shown!.Position.State);
        Assert.Contains("none ended", shown.Envelope!.State.HoldReason, StringComparison.Ordinal);

        // Released, it is offered again, and the count begins anew.
        Assert.Equal(CommandResult.Done, await last.Queue.ReleaseAsync(id));
        await last.UntilAsync(() => last.Queue.Counts.Entries == 0);
    });

    [Fact]
    public void An_attempt_handed_back_is_no_start_without_an_end() => QueueRig.Run(async simulation =>
    {
        var spool = new MemorySpool();
        for (var start = 0; start < 5; start++)
        {
            await using var rig = new QueueRig(simulation, spool);
            rig.OnDispatch = async entry =>
            {
                await rig.Leases.BeginAsync(entry);
                rig.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromHours(1), "full");
            };
            await rig.StartAsync();
            if (start == 0)
                await rig.AcceptAsync("a@sender", "hop", "b@there");
            await rig.PassAsync(TimeSpan.FromHours(2));
            Assert.True(await rig.Queue.StopAsync(TimeSpan.FromSeconds(1)));
            Assert.Equal(0, rig.Queue.Counts.Held);
            spool = spool.Reopen();
        }
    });

    private static string Sorted(IEnumerable<string> words) => string.Join(' ', words.Order(StringComparer.Ordinal));
}
