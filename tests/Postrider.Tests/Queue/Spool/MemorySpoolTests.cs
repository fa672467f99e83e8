using System.Text;
using Postrider.Queue.Spool;
using Postrider.Tests.Queue.Scheduling;

namespace Postrider.Tests.Queue.Spool;

public sealed class MemorySpoolTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_was_committed_is_there_after_a_crash_and_nothing_else()
    {
        var spool = await OpenAsync(new MemorySpool());
        var id = await StoreAsync(spool, 100_000);
        var uncommitted = spool.CreateBody();
        await uncommitted.WriteAsync(new byte[10]);

        var listener = new Listener();
        var next = spool.Reopen();
        await next.OpenAsync(listener);
        Assert.Equal(id, Assert.Single(listener.Entries).Id);
        await using var body = await next.OpenBodyAsync(id);
        var octets = new byte[100_001];
        Assert.Equal(100_000, await body!.ReadAsync(0, octets));
        Assert.Equal(Octets(100_000), octets[..100_000]);
        Assert.Equal(5, await body.ReadAsync(99_995, octets));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await spool.ReadAsync(id));
    }

    [Fact]
    public async Task A_body_lives_while_an_envelope_refers_to_it()
    {
        var spool = await OpenAsync(new MemorySpool(1000));
        var first = await StoreAsync(spool, 900);
        var stored = (await spool.ReadAsync(first))!;
        var second = QueueRig.Envelope(spool.NewId(), stored.Body, "a@b", "hop", Now, "c@d");
        Assert.Equal(SpoolFault.None, await spool.CommitAsync(new SpoolCommit
        {
            Purpose = CommitPurpose.Outcome,
            Changes = [new EntryChange(first, 2, null)],
            Envelopes = [second],
        }));
        Assert.Null(await spool.OpenBodyAsync(first));
        Assert.Equal(SpoolFault.NoSpace, spool.CanAccept(900));
        await using (var body = await spool.OpenBodyAsync(second.Id))
            Assert.Equal(900, body!.Length);

        await spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(second.Id, 2, null)] });
        Assert.Equal(SpoolFault.None, spool.CanAccept(1000));
    }

    [Fact]
    public async Task A_commit_is_whole_or_not_at_all()
    {
        var spool = await OpenAsync(new MemorySpool());
        var id = await StoreAsync(spool, 10);
        var body = spool.CreateBody();
        await body.WriteAsync(new byte[10]);
        var added = QueueRig.Envelope(spool.NewId(), body.Id, "a@b", "hop", Now, "c@d");
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await spool.CommitAsync(new SpoolCommit
        {
            Purpose = CommitPurpose.Outcome,
            Bodies = [body],
            Envelopes = [added],
            Changes = [new EntryChange(id, 1, null)],
        }));
        Assert.NotNull(await spool.ReadAsync(id));
        Assert.Null(await spool.ReadAsync(added.Id));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(added.Id, 9, null)] }));
    }

    [Fact]
    public async Task Full_it_refuses_new_mail_and_takes_outcomes()
    {
        var spool = await OpenAsync(new MemorySpool(800));
        var id = await StoreAsync(spool, 800);
        Assert.Equal(SpoolFault.NoSpace, spool.CanAccept(1));
        var more = spool.CreateBody();
        Assert.Equal(SpoolFault.None, await more.WriteAsync(new byte[100]));
        Assert.Equal(SpoolFault.NoSpace, await more.WriteAsync(new byte[1]));
        var commit = new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [more], Envelopes = [QueueRig.Envelope(spool.NewId(), more.Id, "a@b", "hop", Now, "c@d")] };
        Assert.Equal(SpoolFault.NoSpace, await spool.CommitAsync(commit));
        await more.DisposeAsync();
        Assert.Equal(SpoolFault.None, await spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, 2, null)] }));
        Assert.Equal(SpoolFault.None, spool.CanAccept(800));
    }

    [Fact]
    public async Task Starts_are_counted_until_the_entry_changes()
    {
        var spool = await OpenAsync(new MemorySpool());
        var id = await StoreAsync(spool, 10);
        await spool.NoteAttemptAsync(id);
        await spool.NoteAttemptAsync(id);
        var listener = new Listener();
        spool = spool.Reopen();
        await spool.OpenAsync(listener);
        Assert.Equal(2, Assert.Single(listener.Entries).Starts);

        var state = (await spool.ReadAsync(id))!.State;
        await spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, 2, state with { Version = 2 })] });
        listener.Entries.Clear();
        spool = spool.Reopen();
        await spool.OpenAsync(listener);
        Assert.Equal(0, Assert.Single(listener.Entries).Starts);
    }

    private static async Task<MemorySpool> OpenAsync(MemorySpool spool)
    {
        await spool.OpenAsync(new Listener());
        return spool;
    }

    private static async Task<SpoolId> StoreAsync(MemorySpool spool, int length)
    {
        var body = spool.CreateBody();
        var octets = Octets(length);
        for (var i = 0; i < length; i += 777)
            await body.WriteAsync(octets.AsMemory(i, Math.Min(777, length - i)));
        var envelope = QueueRig.Envelope(spool.NewId(), body.Id, "a@b", "hop", Now, "c@d");
        Assert.Equal(SpoolFault.None, await spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [envelope] }));
        return envelope.Id;
    }

    private static byte[] Octets(int length) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, (length / 8) + 1).Select(i => $"{i:00000000}")))[..length];

    private sealed class Listener : ISpoolListener
    {
        public List<SpoolEntry> Entries { get; } = [];

        public void Added(in SpoolEntry entry) => Entries.Add(entry);

        public void Revoked(SpoolId envelope) => Entries.RemoveAll(entry => entry.Id == envelope);
    }
}
