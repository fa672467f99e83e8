using System.Collections.Frozen;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Testing.Simulations;

namespace Postrider.Tests.Queue.Scheduling;

public sealed class FetchedMailTests
{
    private static readonly DeliveryStatus Waits = new(DeliveryResult.Deferred, new EnhancedStatusCode(4, 4, 0), "Waits until it is fetched");
    private static readonly FrozenSet<string> Hop = FrozenSet.Create(StringComparer.Ordinal, "hop");

    [Fact]
    public void What_waits_is_looked_at_when_it_is_late_and_when_it_is_too_old() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);

        var looks = rig.Dispatched.Where(d => d.Entry.Id == id).Select(d => d.At).ToList();
        Assert.Equal(3, looks.Count);
        Assert.Equal(TimeSpan.Zero, looks[0]);
        Assert.InRange(looks[1], TimeSpan.FromHours(4) - TimeSpan.FromSeconds(1), TimeSpan.FromHours(4));
        Assert.InRange(looks[2], TimeSpan.FromDays(5), TimeSpan.FromDays(5) + TimeSpan.FromMinutes(1));
        Assert.Equal(2, rig.Events.OfType<FetchAwaited>().Count(e => e.Id == id && e.Reason == Waits.Text));
        var last = rig.Events.OfType<AttemptEnded>().Single(e => e.Id == id);
        Assert.True(last.IsExpired);
        Assert.Equal("Given up after 5 days: Waits until it is fetched", last.Status.Text);
        Assert.Equal("a@sender", Assert.Single(rig.Events.OfType<ReportQueued>()).To.ToString());
    });

    [Fact]
    public void A_delay_is_told_once_to_a_sender_who_asked_for_that() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        var body = rig.Queue.CreateBody();
        await body.WriteAsync("Subject: x\r\n\r\n"u8.ToArray());
        var envelope = QueueRig.Envelope(rig.Queue.NewId(), body.Id, "a@sender", "hop", simulation.Time.GetUtcNow(), "b@there");
        await rig.Queue.AcceptAsync([body], [envelope with
        {
            Envelope = envelope.Envelope with { Recipients = [envelope.Envelope.Recipients[0] with { Notify = Notifications.Delay }] },
        }]);
        await rig.PassAsync(TimeSpan.FromHours(3));
        Assert.Empty(rig.Events.OfType<ReportQueued>());
        await rig.PassAsync(TimeSpan.FromHours(1));
        Assert.Single(rig.Events.OfType<ReportQueued>());
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.Single(rig.Events.OfType<ReportQueued>());
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_asked_for_while_it_is_put_away_is_due_at_once(bool isAgain) => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        if (isAgain)
        {
            await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
            Assert.Equal(1, await rig.Queue.RetryAllAsync(Hop));
        }
        rig.OnDispatch = entry => rig.Dispatched.Count(d => d.Entry.Id == id) > (isAgain ? 2 : 1)
            ? rig.AnswerAsync(entry, _ => QueueRig.Relayed)
            : rig.Leases.AwaitFetchAsync(entry, Waits, static () => true).AsTask();
        await rig.UntilAsync(() => rig.Queue.Counts.Entries == 0);
        Assert.InRange(rig.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    });

    [Fact]
    public void To_look_in_vain_writes_nothing_down() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        var id = await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
        var (version, attempts) = ((await rig.Spool.ReadAsync(id))!.State.Version, (await rig.Spool.ReadAsync(id))!.State.Attempts);
        Assert.Equal(0, attempts);
        Assert.Equal(1, await rig.Queue.RetryAllAsync(Hop));
        await rig.UntilAsync(() => rig.Dispatched.Count == 2 && rig.Queue.Counts.Waiting == 1);
        Assert.Equal(version, (await rig.Spool.ReadAsync(id))!.State.Version);
        Assert.Equal("Waits until it is fetched", rig.Queue.CountOf("hop")!.Reason);
    });

    [Fact]
    public void A_run_leases_each_entry_of_its_next_hops_once() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        var ids = new HashSet<SpoolId>();
        for (var i = 0; i < 25; i++)
        {
            ids.Add(await rig.AcceptAsync("a@sender", "hop", "b@there"));
            await rig.AcceptAsync("a@sender", "other", "b@elsewhere");
        }
        await rig.UntilAsync(() => rig.Queue.CountOf("other") is null && rig.Queue.CountOf("hop") is { Leased: 0, Ready: 0 });
        var held = ids.First();
        await rig.Queue.HoldAsync(held, "looks odd");
        Assert.Equal((25, 1), (rig.Queue.CountOf("hop")!.Entries, rig.Queue.CountOf("hop")!.Held));

        var offered = rig.Dispatched.Count;
        var run = rig.Queue.Lease(Hop);
        var seen = new List<SpoolId>();
        while (await run.TakeAsync(10) is { Count: > 0 } some)
        {
            Assert.InRange(some.Count, 1, 10);
            seen.AddRange(some.Select(entry => entry.Id));
            foreach (var entry in some)
                await rig.AnswerAsync(entry, _ => seen.Count > 10 ? QueueRig.Relayed : QueueRig.Deferred);
        }
        Assert.Equal([.. ids.Where(id => id != held)], seen.ToHashSet());
        Assert.Equal(24, seen.Count);
        Assert.Equal(offered, rig.Dispatched.Count);
        Assert.Empty(await run.TakeAsync(10));
        // What was put off by the peer is tried by nobody: it waits for the next time.
        await rig.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(11, rig.Queue.CountOf("hop")!.Entries);
        Assert.Equal(11, rig.Queue.Counts.Waiting + rig.Queue.Counts.Held);
    });

    [Fact]
    public void The_most_urgent_is_leased_first() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        var priorities = new Queue<sbyte?>([null, 3, -9, 9, 0, 3, -1]);
        rig.Wishes = envelope => envelope with { Priority = priorities.Dequeue() };
        await rig.StartAsync();
        while (priorities.Count > 0)
            await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 7);
        var run = rig.Queue.Lease(Hop);
        var leased = new List<int>();
        while (await run.TakeAsync(2) is { Count: > 0 } some)
        {
            leased.AddRange(some.Select(entry => (int)entry.Priority));
            foreach (var entry in some)
                rig.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromHours(1), "The peer went away");
        }
        Assert.Equal([9, 3, 3, 0, 0, -1, -9], leased);
    });

    [Fact]
    public void What_its_sender_wants_to_be_kept_is_not_leased() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        var body = rig.Queue.CreateBody();
        await body.WriteAsync("Subject: x\r\n\r\n"u8.ToArray());
        var now = simulation.Time.GetUtcNow();
        var release = now + TimeSpan.FromHours(2);
        var envelope = QueueRig.Envelope(rig.Queue.NewId(), body.Id, "a@sender", "hop", now, "b@there");
        await rig.Queue.AcceptAsync([body], [envelope with
        {
            Envelope = envelope.Envelope with { Release = new FutureRelease { At = release } },
            State = envelope.State with { Due = release },
        }]);
        Assert.Empty(await rig.Queue.Lease(Hop).TakeAsync(10));
        Assert.Equal(0, await rig.Queue.RetryAllAsync(Hop));
        await rig.PassAsync(TimeSpan.FromHours(2.1));
        Assert.Single(await rig.Queue.Lease(Hop).TakeAsync(10));
    });

    [Fact]
    public void A_leased_entry_that_is_handed_back_waits_again() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
        var entry = Assert.Single(await rig.Queue.Lease(Hop).TakeAsync(10));
        Assert.Empty(await rig.Queue.Lease(Hop).TakeAsync(10));
        Assert.NotNull(await rig.Leases.BeginAsync(entry));
        rig.Leases.NotTried(entry, simulation.Time.GetUtcNow(), "The peer went away");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
        Assert.Single(await rig.Queue.Lease(Hop).TakeAsync(10));
    });

    [Fact]
    public void A_queue_that_stops_leases_nothing() => QueueRig.Run(async simulation =>
    {
        await using var rig = Parking(simulation);
        await rig.StartAsync();
        await rig.AcceptAsync("a@sender", "hop", "b@there");
        await rig.UntilAsync(() => rig.Queue.Counts.Waiting == 1);
        Assert.True(await rig.Queue.StopAsync(TimeSpan.FromSeconds(1)));
        Assert.Empty(await rig.Queue.Lease(Hop).TakeAsync(10));
    });

    private static QueueRig Parking(Simulation simulation)
    {
        var rig = new QueueRig(simulation);
        rig.OnDispatch = entry => entry.NextHop == "hop" ? rig.Leases.AwaitFetchAsync(entry, Waits).AsTask() : rig.AnswerAsync(entry, _ => QueueRig.Relayed);
        return rig;
    }
}
