using Postrider.Queue.Spool;
using Xunit;

namespace Postrider.Conformance.Spool;

/// <summary>
/// What a spool promises that outlives its process: <see cref="SpoolContract.Create"/> gives the same
/// store each time it is called in a test.
/// </summary>
public abstract class DurableSpoolContract : SpoolContract
{
    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        var kept = new List<(NewEnvelope Envelope, EntryState State, byte[] Octets)>();
        await using (var open = await OpenAsync())
        {
            foreach (var size in BodySizes)
            {
                var octets = SpoolSamples.Octets(size, size);
                kept.Add((await AddAsync(open.Spool, octets), SpoolSamples.State(1, [0, 1]), octets));
                var changed = await AddAsync(open.Spool, octets);
                var state = SpoolSamples.State(4, [0], size % 2 == 0 ? null : "held");
                await ChangeAsync(open.Spool, new EntryChange(changed.Id, 4, state));
                kept.Add((changed, state, octets));
                var finished = await AddAsync(open.Spool, octets);
                await ChangeAsync(open.Spool, new EntryChange(finished.Id, 2, null));
            }
        }
        for (var again = 0; again < 3; again++)
        {
            await using var open = await OpenAsync();
            Assert.False(open.Listener.IsBroken);
            Assert.Equal(kept.Select(k => k.Envelope.Id).Order(), open.Listener.Entries.Keys.Order());
            foreach (var (envelope, state, octets) in kept)
            {
                SpoolSamples.AssertSame(envelope, state, octets.Length, await open.Spool.ReadAsync(envelope.Id));
                await SpoolSamples.AssertBodyAsync(open.Spool, envelope.Id, octets);
                var entry = open.Listener.Entries[envelope.Id];
                Assert.Equal(
                    (envelope.Message, envelope.NextHop, envelope.Envelope.Release!.At!.Value, state.Due, state.Attempts, state.Version, state.HoldReason is not null, octets.LongLength, 0, envelope.Envelope.Priority!.Value, true),
                    (entry.Message, entry.NextHop, entry.Since, entry.Due, entry.Attempts, entry.Version, entry.IsHeld, entry.Size, entry.Starts, entry.Priority, entry.HasDeadline));
            }
        }
    }

    [Fact]
    public async Task Names_are_not_used_again_after_reopening()
    {
        var seen = new HashSet<SpoolId>();
        for (var again = 0; again < 4; again++)
        {
            await using var open = await OpenAsync();
            for (var i = 0; i < 100; i++)
                Assert.True(seen.Add(open.Spool.NewId()));
            if (again % 2 == 0)
                Assert.DoesNotContain((await AddAsync(open.Spool, default)).Id, seen);
        }
    }

    [Fact]
    public async Task Entries_with_the_same_next_hop_share_its_string()
    {
        await using (var open = await OpenAsync())
        {
            for (var i = 0; i < 3; i++)
                await AddAsync(open.Spool, default, 1, new string("same.example".AsSpan()));
        }
        await using var reopened = await OpenAsync();
        var hops = reopened.Listener.Entries.Values.Select(e => e.NextHop).ToList();
        Assert.Equal(3, hops.Count);
        Assert.All(hops, hop => Assert.Same(hops[0], hop));
    }

    [Fact]
    public async Task Starts_without_an_end_are_counted_until_the_next_change()
    {
        NewEnvelope once, twice, ended;
        await using (var open = await OpenAsync())
        {
            once = await AddAsync(open.Spool, default);
            twice = await AddAsync(open.Spool, default);
            ended = await AddAsync(open.Spool, default);
            foreach (var envelope in new[] { once, twice, ended, twice })
                await open.Spool.NoteAttemptAsync(envelope.Id);
            await ChangeAsync(open.Spool, new EntryChange(ended.Id, 2, SpoolSamples.State(2, [0])));
        }
        await using (var open = await OpenAsync())
        {
            Assert.Equal([1, 2, 0], new[] { once, twice, ended }.Select(e => open.Listener.Entries[e.Id].Starts));
            await open.Spool.NoteAttemptAsync(twice.Id);
            await ChangeAsync(open.Spool, new EntryChange(once.Id, 2, SpoolSamples.State(2, [0])));
        }
        await using var reopened = await OpenAsync();
        Assert.Equal([0, 3, 0], new[] { once, twice, ended }.Select(e => reopened.Listener.Entries[e.Id].Starts));
    }

    [Fact]
    public async Task A_shared_body_is_still_shared_after_reopening()
    {
        var octets = SpoolSamples.Octets(8, 40_000);
        NewEnvelope[] envelopes;
        await using (var open = await OpenAsync())
        {
            await using var body = await SpoolSamples.BodyAsync(open.Spool, octets);
            envelopes = [.. new[] { "a.example", "b.example" }.Select(hop => SpoolSamples.Envelope(open.Spool.NewId(), body.Id, 1, hop))];
            await CommitAsync(open.Spool, new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = envelopes });
        }
        await using (var open = await OpenAsync())
            await ChangeAsync(open.Spool, new EntryChange(envelopes[0].Id, 2, null));
        await using var reopened = await OpenAsync();
        Assert.Equal([envelopes[1].Id], reopened.Listener.Entries.Keys);
        await SpoolSamples.AssertBodyAsync(reopened.Spool, envelopes[1].Id, octets);
        var part = SpoolSamples.Envelope(reopened.Spool.NewId(), envelopes[1].Body, 1, "c.example");
        await CommitAsync(reopened.Spool, new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(envelopes[1].Id, 2, null)], Envelopes = [part] });
        await SpoolSamples.AssertBodyAsync(reopened.Spool, part.Id, octets);
    }

    [Fact]
    public async Task An_aborted_body_leaves_nothing()
    {
        await using (var open = await OpenAsync())
        {
            foreach (var size in BodySizes)
                await (await SpoolSamples.BodyAsync(open.Spool, SpoolSamples.Octets(9, size))).DisposeAsync();
            _ = await SpoolSamples.BodyAsync(open.Spool, SpoolSamples.Octets(9, BodySizes[^1]));
        }
        await using var reopened = await OpenAsync();
        Assert.Empty(reopened.Listener.Entries);
        AssertNothingStored();
    }

    /// <summary>Looks for files of bodies that nothing refers to; an engine that has such overrides it.</summary>
    protected virtual void AssertNothingStored()
    {
    }
}
