using Postrider.Conformance.Disk;
using Postrider.Conformance.Spool;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>Snapshots that are copied while work goes on (rule 16).</summary>
public sealed class SnapshotTests
{
    private static readonly Postrider.Queue.Spool.Log.LogSpoolOptions Slow = LogSpoolFixture.Small with { SnapshotAfter = 100 << 10, SnapshotSlice = 1 };

    [Fact]
    public async Task A_body_handed_on_between_two_slices_is_not_lost()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, Slow);
        var octets = SpoolSamples.Octets(1, 3000);
        // The body's first envelope is in the first slice, its second in the last.
        var first = await open.AddAsync(octets);
        for (var i = 0; i < 12; i++)
            await open.AddAsync(new byte[3000]);
        var filler = (await open.AddAsync(new byte[3000])).Body;
        var second = SpoolSamples.Envelope(open.Spool.NewId(), first.Body);
        Assert.Equal(SpoolFault.None, await open.Spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Outcome, Envelopes = [second] }));
        disk.IsDeferring = true;
        while (!IsCopying(disk))
            await CommitAsync(disk, open, SpoolSamples.Envelope(open.Spool.NewId(), filler));
        // All bodies and the first entry: one slice each.
        var rows = disk.Content(Copy(disk)).Length;
        for (var slices = 0; slices < 15;)
        {
            Assert.True(disk.RunOneDeferred());
            var now = disk.Content(Copy(disk)).Length;
            slices += now == rows ? 0 : 1;
            rows = now;
        }
        await ChangeAsync(disk, open, new EntryChange(first.Id, 2, null));
        // The third gets the place of the first, which has been copied; the second goes before its own is.
        var third = SpoolSamples.Envelope(open.Spool.NewId(), first.Body, nextHop: "third.example");
        await CommitAsync(disk, open, third, new EntryChange(second.Id, 2, null));
        Assert.True(IsCopying(disk));
        disk.RunDeferred();
        Assert.False(IsCopying(disk));

        var again = await LogSpoolFixture.OpenAsync(disk.Crash(1, CrashMode.NothingUnsynced), Slow);
        Assert.Empty(again.Spool.Damage);
        Assert.DoesNotContain(first.Id, again.Listener.Entries.Keys);
        Assert.DoesNotContain(second.Id, again.Listener.Entries.Keys);
        await SpoolSamples.AssertBodyAsync(again.Spool, third.Id, octets);
    }

    [Fact]
    public async Task Two_are_kept_and_what_was_not_finished_is_removed()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, Slow);
        for (var i = 0; i < 100; i++)
            await open.FinishAsync((await open.AddAsync(new byte[3000])).Id);
        Assert.Equal(2, Snapshots(disk).Count);
        var killed = disk.Kill();
        Assert.False(killed.Open("/data/snapshots/00000000000000ff.new", Postrider.Queue.Disk.FileUse.CreateNew, out var partial).IsError);
        partial!.Dispose();
        await LogSpoolFixture.OpenAsync(killed, Slow);
        Assert.DoesNotContain(killed.Files(), file => file.EndsWith(".new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_orderly_end_leaves_little_to_replay()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, LogSpoolFixture.Small with { SnapshotAfter = 64 << 20 });
        for (var i = 0; i < 400; i++)
            await open.AddAsync(new byte[3000]);
        Assert.Empty(Snapshots(disk));
        await open.Spool.DisposeAsync();
        Assert.Single(Snapshots(disk));
        var again = await LogSpoolFixture.OpenAsync(disk);
        Assert.Equal(400, again.Listener.Entries.Count);
    }

    private static bool IsCopying(CrashingDisk disk) => disk.Files().Any(file => file.EndsWith(".new", StringComparison.Ordinal));

    private static string Copy(CrashingDisk disk) => disk.Files().Single(file => file.EndsWith(".new", StringComparison.Ordinal));

    private static List<string> Snapshots(CrashingDisk disk) =>
        [.. disk.Files().Where(file => file.Contains("/snapshots/", StringComparison.Ordinal))];

    private static Task ChangeAsync(CrashingDisk disk, LogSpoolFixture open, EntryChange change) =>
        RunAsync(disk, open, new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [change] });

    private static Task CommitAsync(CrashingDisk disk, LogSpoolFixture open, NewEnvelope envelope, params EntryChange[] changes) =>
        RunAsync(disk, open, new SpoolCommit { Purpose = CommitPurpose.Outcome, Envelopes = [envelope], Changes = changes });

    // Only so much of what is put off as the commit needs.
    private static async Task RunAsync(CrashingDisk disk, LogSpoolFixture open, SpoolCommit commit)
    {
        var watched = commit.Envelopes.Count > 0 ? commit.Envelopes[0].Id : default;
        var changed = commit.Changes.Count > 0 ? commit.Changes[0].Envelope : default;
        var running = open.Spool.CommitAsync(commit).AsTask();
        while (!running.IsCompleted && ((watched != default && !open.Listener.Entries.ContainsKey(watched)) || (changed != default && await open.Spool.ReadAsync(changed) is not null)))
            Assert.True(disk.RunOneDeferred());
        Assert.Equal(SpoolFault.None, await running);
    }
}
