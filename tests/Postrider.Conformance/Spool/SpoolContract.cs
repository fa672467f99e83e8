using Postrider.Queue.Spool;
using Xunit;

namespace Postrider.Conformance.Spool;

/// <summary>
/// What every spool promises while it runs (rules 1, 2, 4, 5, 19). An engine passes by one derived
/// class that makes it; one that outlives its process derives from <see cref="DurableSpoolContract"/>.
/// </summary>
public abstract class SpoolContract
{
    /// <summary>Makes the spool of this test, not opened yet.</summary>
    protected abstract ISpool Create();

    /// <summary>Sizes of bodies that an engine treats differently: small, at its limits, large.</summary>
    protected virtual IReadOnlyList<int> BodySizes { get; } = [0, 1, 4095, 10_000, 32_768, 32_769, 256 * 1024, 256 * 1024 + 1, 3_000_000];

    [Fact]
    public async Task An_empty_spool_has_no_entry()
    {
        await using var open = await OpenAsync();
        Assert.Empty(open.Listener.Entries);
        Assert.Equal(SpoolFault.None, open.Spool.CanAccept(0));
        Assert.Null(await open.Spool.ReadAsync(open.Spool.NewId()));
        Assert.Null(await open.Spool.OpenBodyAsync(open.Spool.NewId()));
    }

    [Fact]
    public async Task Names_are_never_zero_and_never_used_twice()
    {
        await using var open = await OpenAsync();
        var spool = open.Spool;
        var seen = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunAsync(() => Enumerable.Range(0, 1000).Select(_ => spool.NewId()).ToArray())));
        var body = spool.CreateBody();
        var all = seen.SelectMany(ids => ids).Append(body.Id).ToList();
        Assert.DoesNotContain(default, all);
        Assert.Equal(all.Count, all.Distinct().Count());
        await body.DisposeAsync();
    }

    [Fact]
    public async Task What_is_committed_is_read_back_as_it_was()
    {
        await using var open = await OpenAsync();
        foreach (var size in BodySizes)
        {
            var octets = SpoolSamples.Octets(size, size);
            var envelope = await AddAsync(open.Spool, octets);
            SpoolSamples.AssertSame(envelope, envelope.State, size, await open.Spool.ReadAsync(envelope.Id));
            await SpoolSamples.AssertBodyAsync(open.Spool, envelope.Id, octets);
        }
        Assert.Equal(BodySizes.Count, open.Listener.Entries.Count);
    }

    [Fact]
    public async Task The_listener_has_been_told_when_the_commit_returns()
    {
        await using var open = await OpenAsync();
        var envelope = await AddAsync(open.Spool, new byte[77]);
        var entry = open.Listener.Entries[envelope.Id];
        Assert.Equal(envelope.Message, entry.Message);
        Assert.Equal("example.org", entry.NextHop);
        Assert.Equal(envelope.Envelope.Release!.At, entry.Since);
        Assert.Equal((sbyte)-7, entry.Priority);
        Assert.True(entry.HasDeadline);
        Assert.Equal(envelope.State.Due, entry.Due);
        Assert.Equal(0, entry.Attempts);
        Assert.Equal(1u, entry.Version);
        Assert.False(entry.IsHeld);
        Assert.Equal(77, entry.Size);
        Assert.Equal(0, entry.Starts);
    }

    [Fact]
    public async Task A_body_is_not_seen_before_its_commit()
    {
        await using var open = await OpenAsync();
        await using var body = await SpoolSamples.BodyAsync(open.Spool, new byte[300_000]);
        Assert.Equal(300_000, body.Length);
        Assert.Empty(open.Listener.Entries);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await open.Spool.CommitAsync(new SpoolCommit
        {
            Purpose = CommitPurpose.Acceptance,
            Envelopes = [SpoolSamples.Envelope(open.Spool.NewId(), body.Id)],
        }));
    }

    [Fact]
    public async Task A_body_that_is_disposed_is_forgotten()
    {
        await using var open = await OpenAsync();
        foreach (var size in BodySizes)
        {
            var body = await SpoolSamples.BodyAsync(open.Spool, SpoolSamples.Octets(1, size));
            await body.DisposeAsync();
            await body.DisposeAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await open.Spool.CommitAsync(new SpoolCommit
            {
                Purpose = CommitPurpose.Acceptance,
                Bodies = [body],
                Envelopes = [SpoolSamples.Envelope(open.Spool.NewId(), body.Id)],
            }));
        }
        Assert.Empty(open.Listener.Entries);
    }

    [Fact]
    public async Task Disposing_of_a_committed_body_does_no_harm()
    {
        await using var open = await OpenAsync();
        foreach (var size in BodySizes)
        {
            var octets = SpoolSamples.Octets(2, size);
            var body = await SpoolSamples.BodyAsync(open.Spool, octets);
            var envelope = SpoolSamples.Envelope(open.Spool.NewId(), body.Id);
            await CommitAsync(open.Spool, new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [envelope] });
            await body.DisposeAsync();
            await SpoolSamples.AssertBodyAsync(open.Spool, envelope.Id, octets);
        }
    }

    [Fact]
    public async Task A_body_of_a_commit_that_was_refused_is_still_its_writers()
    {
        await using var open = await OpenAsync();
        foreach (var size in BodySizes)
        {
            var octets = SpoolSamples.Octets(3, size);
            await using var body = await SpoolSamples.BodyAsync(open.Spool, octets);
            var envelope = SpoolSamples.Envelope(open.Spool.NewId(), body.Id);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await open.Spool.CommitAsync(new SpoolCommit
            {
                Purpose = CommitPurpose.Acceptance,
                Bodies = [body],
                Envelopes = [envelope],
                Changes = [new EntryChange(open.Spool.NewId(), 2, null)],
            }));
            Assert.Null(await open.Spool.ReadAsync(envelope.Id));
            Assert.False(open.Listener.Entries.ContainsKey(envelope.Id));
            await CommitAsync(open.Spool, new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [envelope] });
            await SpoolSamples.AssertBodyAsync(open.Spool, envelope.Id, octets);
        }
    }

    [Fact]
    public async Task A_state_replaces_the_one_before()
    {
        await using var open = await OpenAsync();
        var envelope = await AddAsync(open.Spool, new byte[10]);
        foreach (var state in new[] { SpoolSamples.State(2, [0, 1]), SpoolSamples.State(3, [1]), SpoolSamples.State(7, [1], "by the operator: große Pause") })
        {
            await ChangeAsync(open.Spool, new EntryChange(envelope.Id, state.Version, state));
            SpoolSamples.AssertSame(envelope, state, 10, await open.Spool.ReadAsync(envelope.Id));
        }
        Assert.Single(open.Listener.Entries);
    }

    [Fact]
    public async Task A_finished_entry_is_gone()
    {
        await using var open = await OpenAsync();
        foreach (var size in BodySizes)
        {
            var envelope = await AddAsync(open.Spool, new byte[size]);
            await ChangeAsync(open.Spool, new EntryChange(envelope.Id, 2, null));
            Assert.Null(await open.Spool.ReadAsync(envelope.Id));
            Assert.Null(await open.Spool.OpenBodyAsync(envelope.Id));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await ChangeAsync(open.Spool, new EntryChange(envelope.Id, 3, null)));
        }
    }

    [Fact]
    public async Task A_reader_reads_on_when_the_entry_is_finished()
    {
        await using var open = await OpenAsync();
        foreach (var size in BodySizes)
        {
            var octets = SpoolSamples.Octets(4, size);
            var envelope = await AddAsync(open.Spool, octets);
            await using var reader = await open.Spool.OpenBodyAsync(envelope.Id);
            await ChangeAsync(open.Spool, new EntryChange(envelope.Id, 2, null));
            for (var i = 0; i < 20; i++)
                await ChangeAsync(open.Spool, new EntryChange((await AddAsync(open.Spool, new byte[20_000])).Id, 2, null));
            Assert.Equal(octets, await SpoolSamples.ReadAllAsync(reader!));
        }
    }

    [Fact]
    public async Task A_version_that_is_not_higher_is_refused()
    {
        await using var open = await OpenAsync();
        var envelope = await AddAsync(open.Spool, new byte[10]);
        await ChangeAsync(open.Spool, new EntryChange(envelope.Id, 5, SpoolSamples.State(5, [0])));
        foreach (var version in new uint[] { 1, 4, 5 })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await ChangeAsync(open.Spool, new EntryChange(envelope.Id, version, SpoolSamples.State(version, [0]))));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await ChangeAsync(open.Spool, new EntryChange(envelope.Id, version, null)));
        }
        SpoolSamples.AssertSame(envelope, SpoolSamples.State(5, [0]), 10, await open.Spool.ReadAsync(envelope.Id));
    }

    [Fact]
    public async Task A_commit_that_names_what_is_not_there_does_nothing()
    {
        await using var open = await OpenAsync();
        var spool = open.Spool;
        var envelope = await AddAsync(spool, new byte[10]);
        var wrong = new[]
        {
            new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(envelope.Id, 2, SpoolSamples.State(2, [0])), new EntryChange(spool.NewId(), 2, null)] },
            new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(envelope.Id, 2, null)], Envelopes = [SpoolSamples.Envelope(spool.NewId(), spool.NewId())] },
            new SpoolCommit { Purpose = CommitPurpose.Outcome, Envelopes = [SpoolSamples.Envelope(spool.NewId(), envelope.Body), SpoolSamples.Envelope(envelope.Id, envelope.Body)] },
            new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(envelope.Id, 2, SpoolSamples.State(2, [0])), new EntryChange(envelope.Id, 3, null)] },
        };
        foreach (var commit in wrong)
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await spool.CommitAsync(commit));
        Assert.Equal([envelope.Id], open.Listener.Entries.Keys);
        SpoolSamples.AssertSame(envelope, envelope.State, 10, await spool.ReadAsync(envelope.Id));
    }

    [Fact]
    public async Task Envelopes_share_a_body_which_lives_while_any_of_them_does()
    {
        await using var open = await OpenAsync();
        foreach (var size in BodySizes)
        {
            var octets = SpoolSamples.Octets(5, size);
            await using var body = await SpoolSamples.BodyAsync(open.Spool, octets);
            var message = open.Spool.NewId();
            NewEnvelope[] envelopes = [.. new[] { "a.example", "b.example", "c.example" }.Select(hop => SpoolSamples.Envelope(open.Spool.NewId(), body.Id, 2, hop, message))];
            await CommitAsync(open.Spool, new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = envelopes });
            foreach (var (gone, left) in new[] { (envelopes[1], envelopes[0]), (envelopes[0], envelopes[2]) })
            {
                await ChangeAsync(open.Spool, new EntryChange(gone.Id, 2, null));
                Assert.Null(await open.Spool.OpenBodyAsync(gone.Id));
                await SpoolSamples.AssertBodyAsync(open.Spool, left.Id, octets);
            }
            await ChangeAsync(open.Spool, new EntryChange(envelopes[2].Id, 2, null));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await open.Spool.CommitAsync(new SpoolCommit
            {
                Purpose = CommitPurpose.Outcome,
                Envelopes = [SpoolSamples.Envelope(open.Spool.NewId(), body.Id)],
            }));
        }
    }

    [Fact]
    public async Task A_split_hands_the_body_on_in_one_commit()
    {
        await using var open = await OpenAsync();
        var octets = SpoolSamples.Octets(6, 20_000);
        var whole = await AddAsync(open.Spool, octets);
        NewEnvelope[] parts = [.. new[] { "a.example", "b.example" }.Select(hop => SpoolSamples.Envelope(open.Spool.NewId(), whole.Body, 1, hop, whole.Message))];
        await CommitAsync(open.Spool, new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(whole.Id, 2, null)], Envelopes = parts });
        Assert.Null(await open.Spool.ReadAsync(whole.Id));
        foreach (var part in parts)
        {
            SpoolSamples.AssertSame(part, part.State, octets.Length, await open.Spool.ReadAsync(part.Id));
            await SpoolSamples.AssertBodyAsync(open.Spool, part.Id, octets);
            Assert.Equal(octets.Length, open.Listener.Entries[part.Id].Size);
        }
    }

    [Fact]
    public async Task A_failure_and_its_report_are_one_commit()
    {
        await using var open = await OpenAsync();
        var failed = await AddAsync(open.Spool, new byte[100]);
        await using var text = await SpoolSamples.BodyAsync(open.Spool, SpoolSamples.Octets(7, 900));
        var report = SpoolSamples.Envelope(open.Spool.NewId(), text.Id, 1, "sender.example");
        await CommitAsync(open.Spool, new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(failed.Id, 2, null)], Bodies = [text], Envelopes = [report] });
        Assert.Null(await open.Spool.ReadAsync(failed.Id));
        SpoolSamples.AssertSame(report, report.State, 900, await open.Spool.ReadAsync(report.Id));
    }

    [Fact]
    public async Task An_attempt_can_be_noted_at_any_time()
    {
        await using var open = await OpenAsync();
        var envelope = await AddAsync(open.Spool, new byte[10]);
        await open.Spool.NoteAttemptAsync(envelope.Id);
        await open.Spool.NoteAttemptAsync(open.Spool.NewId());
        SpoolSamples.AssertSame(envelope, envelope.State, 10, await open.Spool.ReadAsync(envelope.Id));
        await ChangeAsync(open.Spool, new EntryChange(envelope.Id, 2, null));
        await open.Spool.NoteAttemptAsync(envelope.Id);
    }

    [Fact]
    public async Task Many_tasks_commit_at_once()
    {
        await using var open = await OpenAsync();
        var spool = open.Spool;
        var left = await Task.WhenAll(Enumerable.Range(0, 16).Select(task => RunAsync(async () =>
        {
            var kept = new List<(NewEnvelope Envelope, EntryState State, byte[] Octets)>();
            for (var i = 0; i < 25; i++)
            {
                var octets = SpoolSamples.Octets(task * 100 + i, 100 + task * i * 50);
                var envelope = await AddAsync(spool, octets);
                await spool.NoteAttemptAsync(envelope.Id);
                var state = SpoolSamples.State(2, [1]);
                await ChangeAsync(spool, new EntryChange(envelope.Id, 2, state));
                if (i % 3 != 0)
                    await ChangeAsync(spool, new EntryChange(envelope.Id, 3, null));
                else
                    kept.Add((envelope, state, octets));
            }
            return kept;
        })));
        Assert.False(open.Listener.IsBroken);
        Assert.Equal(16 * 25, open.Listener.Entries.Count);
        foreach (var (envelope, state, octets) in left.SelectMany(kept => kept))
        {
            SpoolSamples.AssertSame(envelope, state, octets.Length, await spool.ReadAsync(envelope.Id));
            await SpoolSamples.AssertBodyAsync(spool, envelope.Id, octets);
        }
    }

    /// <summary>Commits a message of one envelope.</summary>
    protected static async Task<NewEnvelope> AddAsync(ISpool spool, ReadOnlyMemory<byte> octets, int recipients = 2, string nextHop = "example.org")
    {
        await using var body = await SpoolSamples.BodyAsync(spool, octets);
        var envelope = SpoolSamples.Envelope(spool.NewId(), body.Id, recipients, nextHop);
        await CommitAsync(spool, new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [envelope] });
        return envelope;
    }

    /// <summary>Commits one change.</summary>
    protected static Task ChangeAsync(ISpool spool, EntryChange change) =>
        CommitAsync(spool, new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [change] });

    /// <summary>Commits, and expects no fault.</summary>
    protected static async Task CommitAsync(ISpool spool, SpoolCommit commit) =>
        Assert.Equal(SpoolFault.None, await spool.CommitAsync(commit));

    /// <summary>Makes the spool and opens it.</summary>
    protected async Task<OpenSpool> OpenAsync()
    {
        var spool = Create();
        var listener = new RecordingListener();
        await spool.OpenAsync(listener);
        return new OpenSpool(spool, listener);
    }

#pragma warning disable RS0030 // These tests want real threads.
    private static Task<T> RunAsync<T>(Func<T> work) => Task.Run(work);

    private static Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Run(work);
#pragma warning restore RS0030

    /// <summary>An open spool with its listener.</summary>
    protected sealed record OpenSpool(ISpool Spool, RecordingListener Listener) : IAsyncDisposable
    {
        /// <inheritdoc/>
        public ValueTask DisposeAsync() => Spool.DisposeAsync();
    }
}
