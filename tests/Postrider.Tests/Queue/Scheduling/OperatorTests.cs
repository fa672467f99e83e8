using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Scheduling;

public sealed class OperatorTests
{
    [Fact]
    public void A_held_entry_is_not_tried_until_it_is_released() => Run(async rig =>
    {
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => rig.Dispatched.Count == 1 ? QueueRig.Deferred : QueueRig.Delivered);
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);

        Assert.Equal(CommandResult.Done, await rig.Queue.HoldAsync(id, "looks odd"));
        Assert.Equal(CommandResult.AlreadySo, await rig.Queue.HoldAsync(id, "again"));
        Assert.Equal(CommandResult.IsHeld, await rig.Queue.RetryAsync(id));
        await rig.PassAsync(TimeSpan.FromDays(10));
        Assert.Single(rig.Dispatched);
        Assert.Equal("looks odd", (await rig.Spool.ReadAsync(id))!.State.HoldReason);

        Assert.Equal(CommandResult.Done, await rig.Queue.ReleaseAsync(id));
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal(2, rig.Dispatched.Count);
        Assert.Equal(CommandResult.NotFound, await rig.Queue.ReleaseAsync(id));
    });

    [Fact]
    public void A_hold_outlives_the_process() => QueueRig.Run(async simulation =>
    {
        var spool = new MemorySpool();
        SpoolId id;
        await using (var rig = new QueueRig(simulation, spool) { OnDispatch = _ => Task.CompletedTask })
        {
            await rig.StartAsync();
            id = await rig.AcceptAsync("a@sender", "hop", "b@there");
            Assert.Equal(CommandResult.Done, await rig.Queue.HoldAsync(id, "wait"));
        }
        await using var next = new QueueRig(simulation, spool.Reopen());
        await next.StartAsync();
        await next.PassAsync(TimeSpan.FromHours(1));
        Assert.Empty(next.Dispatched);
        Assert.Equal(1, next.Queue.Counts.Held);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lease_that_has_not_begun_ends_by_a_command(bool isHold) => Run(async rig =>
    {
        DueEntry leased = default;
        rig.OnDispatch = entry =>
        {
            leased = entry;
            return Task.CompletedTask;
        };
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
        Assert.Equal(CommandResult.Done, await DoAsync(rig, isHold, id));
        Assert.Null(await rig.Leases.BeginAsync(leased));
        rig.Leases.NotTried(leased, DateTimeOffset.MinValue, "too late");
        await rig.Leases.CompleteAsync(leased, [new RecipientOutcome(0, QueueRig.Delivered)]);
        await rig.PassAsync(TimeSpan.FromDays(1));
        Assert.Single(rig.Dispatched);
        Assert.Equal(isHold ? 1 : 0, rig.Queue.Counts.Entries);
    });

    [Fact]
    public void An_old_lease_is_not_taken_for_the_new_one() => Run(async rig =>
    {
        rig.OnDispatch = _ => Task.CompletedTask;
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Dispatched.Count == 1);
        await rig.Queue.HoldAsync(id, "wait");
        await rig.Queue.ReleaseAsync(id);
        await rig.UntilAsync(() => rig.Dispatched.Count == 2);
        Assert.Null(await rig.Leases.BeginAsync(rig.Dispatched[0].Entry));
        Assert.NotNull(await rig.Leases.BeginAsync(rig.Dispatched[1].Entry));
    });

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_command_during_an_attempt_is_done_after_it(bool isHold, bool isDeferred) => Run(async rig =>
    {
        rig.OnDispatch = async entry =>
        {
            var envelope = await rig.Leases.BeginAsync(entry);
            await rig.PassAsync(TimeSpan.FromSeconds(10));
            await rig.Leases.CompleteAsync(entry, [new RecipientOutcome(0, isDeferred ? QueueRig.Deferred : QueueRig.Delivered)]);
            Assert.NotNull(envelope);
        };
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(CommandResult.AfterAttempt, await DoAsync(rig, isHold, id));
        await rig.PassAsync(TimeSpan.FromDays(1));
        Assert.Single(rig.Dispatched);
        Assert.Equal(isHold && isDeferred ? 1 : 0, rig.Queue.Counts.Held);
        Assert.Equal(isHold && isDeferred ? 1 : 0, rig.Queue.Counts.Entries);
        Assert.Single(rig.Events.OfType<AttemptEnded>());
    });

    [Fact]
    public void A_release_takes_back_a_hold_that_waits_for_an_attempt() => Run(async rig =>
    {
        rig.OnDispatch = async entry =>
        {
            await rig.Leases.BeginAsync(entry);
            await rig.PassAsync(TimeSpan.FromSeconds(10));
            await rig.Leases.CompleteAsync(entry, [new RecipientOutcome(0, rig.Dispatched.Count == 1 ? QueueRig.Deferred : QueueRig.Delivered)]);
        };
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(CommandResult.AfterAttempt, await rig.Queue.HoldAsync(id, "wait"));
        Assert.Equal(CommandResult.AlreadySo, await rig.Queue.ReleaseAsync(id));
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Equal(2, rig.Dispatched.Count);
    });

    [Fact]
    public void Retry_makes_one_entry_due_or_all_of_a_next_hop() => Run(async rig =>
    {
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => QueueRig.Deferred);
        var id = await rig.AcceptAsync("a@sender", "one", "b@there");
        await rig.AcceptAsync("a@sender", "one", "c@there");
        await rig.AcceptAsync("a@sender", "two", "d@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 3);
        Assert.Equal(3, rig.Dispatched.Count);

        Assert.Equal(CommandResult.Done, await rig.Queue.RetryAsync(id));
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(4, rig.Dispatched.Count);
        Assert.Equal(2, await rig.Queue.RetryAllAsync("one"));
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(6, rig.Dispatched.Count);
        Assert.Equal(3, await rig.Queue.RetryAllAsync());
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(9, rig.Dispatched.Count);
    });

    [Theory]
    [InlineData("a@sender", null, 0)]
    [InlineData("a@sender", "Unwanted", 1)]
    [InlineData(null, "Unwanted", 0)]
    public void Deletion_tells_the_sender_only_when_it_is_asked_to(string? sender, string? reason, int reports) => Run(async rig =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => QueueRig.Deferred);
        var id = await rig.AcceptAsync(sender, "hop", "b@there", "c@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
        Assert.Equal(CommandResult.Done, await rig.Queue.DeleteAsync(id, reason));
        Assert.Null(await rig.Spool.ReadAsync(id));
        Assert.Equal(2, Assert.Single(rig.Events.OfType<EntryDeleted>()).Recipients);
        Assert.Equal(reports, rig.Events.OfType<ReportQueued>().Count());
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(reports, rig.Queue.Counts.Entries);
        if (reports > 0)
            Assert.Contains("x-postrider; Unwanted\r\n", await rig.ContentAsync(rig.Dispatched[^1].Entry.Id), StringComparison.Ordinal);
    });

    [Fact]
    public void A_command_that_cannot_be_stored_changes_nothing() => QueueRig.Run(async simulation =>
    {
        var spool = new FaultySpool(new MemorySpool());
        await using var rig = new QueueRig(simulation, spool);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => rig.Dispatched.Count == 1 ? QueueRig.Deferred : QueueRig.Delivered);
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
        spool.Fault = SpoolFault.Failed;
        Assert.Equal(CommandResult.Failed, await rig.Queue.HoldAsync(id, "x"));
        Assert.Equal(CommandResult.Failed, await rig.Queue.DeleteAsync(id, "x"));
        spool.Fault = SpoolFault.None;
        Assert.Equal(1, rig.Queue.Counts.Waiting);
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.InRange(rig.Elapsed.TotalSeconds, 50, 70);
    });

    [Fact]
    public void A_listing_shows_what_fits_the_filter_page_by_page() => Run(async rig =>
    {
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => QueueRig.Deferred);
        var ids = new List<SpoolId>();
        for (var i = 0; i < 25; i++)
            ids.Add(await rig.AcceptAsync(i % 5 == 0 ? null : $"s{i % 2}@sender", i % 3 == 0 ? "three" : "other", $"r{i}@there"));
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 25);
        await rig.Queue.HoldAsync(ids[7], "why not");

        Assert.Equal(ids.Order(), (await ListAsync(rig, QueueFilter.All)).Order());
        Assert.Equal(9, (await ListAsync(rig, new QueueFilter { NextHop = "three" })).Count);
        Assert.Equal([ids[7]], await ListAsync(rig, new QueueFilter { State = QueuedState.Held }));
        Assert.Equal([ids[11]], await ListAsync(rig, new QueueFilter { Recipient = "r11@THERE" }));
        Assert.Equal(25, (await ListAsync(rig, new QueueFilter { Recipient = "@there" })).Count);
        Assert.Equal(5, (await ListAsync(rig, new QueueFilter { Sender = "<>" })).Count);
        Assert.Equal(20, (await ListAsync(rig, new QueueFilter { Sender = "@sender" })).Count);
        Assert.Equal(10, (await ListAsync(rig, new QueueFilter { Sender = "s1@sender" })).Count);
        Assert.Empty(await ListAsync(rig, new QueueFilter { MinimumAge = TimeSpan.FromHours(1) }));
        Assert.Equal([ids[3]], await ListAsync(rig, new QueueFilter { Message = ids[3] }));
        Assert.Equal(25, (await ListAsync(rig, new QueueFilter { MaximumAge = TimeSpan.FromHours(1) })).Count);

        var shown = await rig.Queue.ShowAsync(ids[3]);
        Assert.Equal("Later", shown!.Envelope!.State.Open[0].Last!.Text);
        Assert.Null(await rig.Queue.ShowAsync(new SpoolId(999_999)));
        Assert.Equal(new QueueCounts(25, 24, 0, 0, 1, 0, 2), rig.Queue.Counts);
        Assert.Equal((9, 0), rig.Queue.CountByNextHop().Where(hop => hop.NextHop == "three").Select(hop => (hop.Entries, hop.Held)).Single());
    });

    [Fact]
    public void The_envelopes_of_a_message_are_found_by_its_name() => Run(async rig =>
    {
        rig.OnDispatch = entry => rig.AnswerAsync(entry, to => to.StartsWith('r') ? QueueRig.Deferred : null);
        await rig.AcceptAsync("a@sender", "hop", "r@before");
        // What is deferred and what the attempt did not come to are two entries from then on.
        var id = await rig.AcceptAsync("a@sender", "hop", "r@there", "untried@there");
        await rig.AcceptAsync("a@sender", "hop", "r@behind");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting >= 3 && rig.Queue.Counts.Entries == 4);
        var found = (await rig.Queue.ListAsync(new QueueFilter { Message = id, Since = (await rig.Queue.ShowAsync(id))!.Position.Since }, 10)).Entries;
        Assert.Equal(2, (await rig.Queue.ListAsync(new QueueFilter { Message = id }, 10)).Entries.Count);
        Assert.Empty((await rig.Queue.ListAsync(new QueueFilter { Message = id, Since = DateTimeOffset.UnixEpoch }, 10)).Entries);
        var open = found.SelectMany(static entry => entry.Envelope!.State.Open, static (entry, one) => entry.Envelope!.Envelope.Recipients[one.Index].Mailbox.ToString());
        Assert.Equal("r@there untried@there", string.Join(' ', open.Order(StringComparer.Ordinal)));
        Assert.Empty((await rig.Queue.ListAsync(new QueueFilter { Message = new SpoolId(999_999) }, 10)).Entries);
    });

    [Fact]
    public void A_damaged_envelope_is_kept_out_of_the_way_and_can_be_deleted() => QueueRig.Run(async simulation =>
    {
        var spool = new FaultySpool(new MemorySpool());
        await using var rig = new QueueRig(simulation, spool);
        rig.OnDispatch = entry => rig.AnswerAsync(entry, _ => QueueRig.Deferred);
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        var healthy = await rig.AcceptAsync("a@sender", "hop", "b@there");
        spool.DamagedEnvelope = id;
        await rig.UntilAsync(() => rig.Queue.Counts.Held == 1);
        Assert.Single(rig.Events.OfType<QueueTrouble>());
        var page = await rig.Queue.ListAsync(QueueFilter.All, 100);
        Assert.Null(page.Entries.Single(entry => entry.Position.Id == id).Envelope);
        Assert.Equal(CommandResult.Failed, await rig.Queue.ReleaseAsync(id));
        Assert.Equal(1, rig.Queue.Counts.Held);
        Assert.Equal(CommandResult.Done, await rig.Queue.DeleteAsync(id));
        Assert.Equal(healthy, Assert.Single((await rig.Queue.ListAsync(QueueFilter.All, 100)).Entries).Position.Id);
    });

    [Fact]
    public void An_entry_with_a_damaged_body_is_held_with_the_reason() => QueueRig.Run(async simulation =>
    {
        var spool = new FaultySpool(new MemorySpool());
        await using var rig = new QueueRig(simulation, spool);
        rig.OnDispatch = async entry =>
        {
            await rig.Leases.BeginAsync(entry);
            Assert.Null(await rig.Leases.OpenBodyAsync(entry));
        };
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        spool.DamagedBody = id;
        await rig.UntilAsync(() => rig.Events.OfType<EntryHeld>().Any());
        Assert.Contains("body is damaged", (await rig.Spool.ReadAsync(id))!.State.HoldReason, StringComparison.Ordinal);
        Assert.Equal(1, rig.Queue.Counts.Held);
    });

    private static void Run(Func<QueueRig, Task> test) => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        await rig.StartAsync();
        await test(rig);
    });

    private static Task<CommandResult> DoAsync(QueueRig rig, bool isHold, SpoolId id) =>
        isHold ? rig.Queue.HoldAsync(id, "wait") : rig.Queue.DeleteAsync(id);

    private static async Task<List<SpoolId>> ListAsync(QueueRig rig, QueueFilter filter)
    {
        var found = new List<SpoolId>();
        for (long? next = 0; next is not null;)
        {
            var page = await rig.Queue.ListAsync(filter, 4, next.Value);
            Assert.InRange(page.Entries.Count, 0, 4);
            found.AddRange(page.Entries.Select(entry => entry.Position.Id));
            next = page.Next;
        }
        return found;
    }
}
