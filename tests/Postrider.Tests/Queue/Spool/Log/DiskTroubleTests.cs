using Postrider.Conformance.Disk;
using Postrider.Conformance.Spool;
using Postrider.Queue.Disk;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>Disks that are full or fail (rules 11 to 15).</summary>
public sealed class DiskTroubleTests
{
    [Fact]
    public async Task A_full_disk_loses_nothing_empties_itself_and_is_filled_again()
    {
        var disk = new CrashingDisk { Capacity = 2 << 20 };
        var open = await LogSpoolFixture.OpenAsync(disk);
        for (var round = 0; round < 3; round++)
        {
            var kept = new List<(SpoolId Id, byte[] Octets)>();
            // A refusal makes it look for what can be reclaimed: it is full when that finds nothing more.
            for (var refusals = 0; refusals < 5;)
            {
                var octets = SpoolSamples.Octets(kept.Count, 5000);
                var (fault, envelope) = await open.TryAddAsync(octets);
                if (fault == SpoolFault.None)
                    kept.Add((envelope.Id, octets));
                else
                    refusals++;
            }
            Assert.InRange(kept.Count, 100, 500);
            Assert.Equal(SpoolFault.NoSpace, open.Spool.CanAccept(20_000));
            Assert.Equal(SpoolFault.NoSpace, (await open.TryAddAsync(new byte[5000])).Fault);
            open = await LogSpoolFixture.OpenAsync(disk.Kill());
            open.Disk.Capacity = 2 << 20;
            disk = open.Disk;
            Assert.Equal(kept.Select(k => k.Id).Order(), open.Listener.Entries.Keys.Order());
            foreach (var (id, octets) in kept)
            {
                await SpoolSamples.AssertBodyAsync(open.Spool, id, octets);
                // What is kept back is kept for this: outcomes, though new mail is refused.
                await open.FinishAsync(id);
            }
            for (var i = 0; i < 5; i++)
                open.Spool.CanAccept(5000);
            Assert.Equal(SpoolFault.None, open.Spool.CanAccept(5000));
        }
    }

    [Fact]
    public async Task A_long_run_at_a_constant_size_takes_a_bounded_disk()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        var live = new Queue<SpoolId>();
        long most = 0;
        for (var i = 0; i < 3000; i++)
        {
            live.Enqueue((await open.AddAsync(new byte[3000])).Id);
            if (live.Count > 20)
                await open.FinishAsync(live.Dequeue());
            if (i > 500)
                most = Math.Max(most, disk.Used);
        }
        // Twice what makes a snapshot, and the free segments that wait for their next use.
        Assert.InRange(most, 1, 20 * LogSpoolFixture.Small.SegmentSize);
        await open.Spool.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_keeps_its_segment_though_all_others_are_used_again()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, LogSpoolFixture.Small with { SnapshotAfter = 100 << 10 });
        var octets = SpoolSamples.Octets(8, 38_000);
        var envelope = await open.AddAsync(octets);
        await using var reader = await open.Spool.OpenBodyAsync(envelope.Id);
        await open.FinishAsync(envelope.Id);
        for (var i = 0; i < 500; i++)
            await open.FinishAsync((await open.AddAsync(SpoolSamples.Octets(i, 3000))).Id);
        Assert.Equal(octets, await SpoolSamples.ReadAllAsync(reader!));
    }

    [Fact]
    public async Task Few_that_stay_do_not_hold_the_disk()
    {
        // One mail in each segment never ends: without the cleaner each would hold its segment for ever.
        var disk = new CrashingDisk { Capacity = 2 << 20 };
        var open = await LogSpoolFixture.OpenAsync(disk);
        var kept = new Dictionary<SpoolId, byte[]>();
        for (var i = 0; i < 1500; i++)
        {
            var octets = SpoolSamples.Octets(i, 2500);
            var envelope = await open.AddAsync(octets);
            if (i % 15 == 0)
                kept.Add(envelope.Id, octets);
            else
                await open.FinishAsync(envelope.Id);
        }
        foreach (var (id, octets) in kept)
            await SpoolSamples.AssertBodyAsync(open.Spool, id, octets);
        var again = await LogSpoolFixture.OpenAsync(disk.Crash(1, CrashMode.NothingUnsynced));
        Assert.Empty(again.Spool.Damage);
        Assert.Equal(kept.Keys.Order(), again.Listener.Entries.Keys.Order());
        foreach (var (id, octets) in kept)
            await SpoolSamples.AssertBodyAsync(again.Spool, id, octets);
    }

    [Theory]
    [InlineData(DiskCall.Write)]
    [InlineData(DiskCall.SyncData)]
    public async Task One_error_ends_a_segment_and_the_next_goes_on(DiskCall call)
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        var before = await open.AddAsync(new byte[100]);
        FailNext(disk, call, 1, CrashingDisk.BrokenDisk);
        var (fault, failed) = await open.TryAddAsync(new byte[100]);
        Assert.Equal(SpoolFault.Failed, fault);
        Assert.Null(open.Spool.Stopped);
        Assert.Null(await open.Spool.ReadAsync(failed.Id));
        Assert.Equal(SpoolFault.None, open.Spool.CanAccept(0));
        var after = await open.AddAsync(new byte[100]);
        foreach (var mode in Enum.GetValues<CrashMode>())
        {
            var again = await LogSpoolFixture.OpenAsync(disk.Crash(5, mode));
            Assert.Equal([before.Id, after.Id], again.Listener.Entries.Keys.Order());
        }
    }

    [Theory]
    [InlineData(DiskCall.Write)]
    [InlineData(DiskCall.SyncData)]
    public async Task A_second_error_stops_the_spool_until_it_is_opened_again(DiskCall call)
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        var before = await open.AddAsync(new byte[100]);
        FailNext(disk, call, 2, CrashingDisk.BrokenDisk);
        Assert.Equal(SpoolFault.Failed, (await open.TryAddAsync(new byte[100])).Fault);
        Assert.NotNull(open.Spool.Stopped);
        Assert.Equal(SpoolFault.Failed, open.Spool.CanAccept(0));
        Assert.Equal(SpoolFault.Failed, (await open.TryAddAsync(new byte[100])).Fault);
        Assert.Equal(SpoolFault.Failed, await open.TryFinishAsync(before.Id));
        Assert.NotNull(await open.Spool.ReadAsync(before.Id));
        await open.Spool.DisposeAsync();
        var again = await LogSpoolFixture.OpenAsync(disk.Crash(1, CrashMode.NothingUnsynced));
        Assert.Contains(before.Id, again.Listener.Entries.Keys);
        await again.AddAsync(new byte[100]);
    }

    [Fact]
    public async Task What_a_start_has_shown_stays_though_it_was_in_the_page_cache_alone()
    {
        // The sync fails twice, the process is killed, the machine goes on: the next one finds the batch in the cache.
        // The kernel takes those pages for clean, so no later sync writes them; then the power goes.
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        await open.AddAsync(new byte[100]);
        // From the first failing sync on nothing is written any more, so that the batch stays as it is.
        var isBroken = false;
        disk.Fault = (call, _) =>
        {
            isBroken |= call == DiskCall.SyncData;
            return isBroken ? CrashingDisk.BrokenDisk : DiskError.None;
        };
        disk.IsWritingNothingOnError = true;
        var (fault, seen) = await open.TryAddAsync(SpoolSamples.Octets(3, 5000));
        Assert.Equal(SpoolFault.Failed, fault);
        var killed = disk.Kill();
        var after = await LogSpoolFixture.OpenAsync(killed);
        Assert.Contains(seen.Id, after.Listener.Entries.Keys);
        var again = await LogSpoolFixture.OpenAsync(killed.Crash(1, CrashMode.NothingUnsynced));
        Assert.Equal(after.Listener.Entries.Keys.Order(), again.Listener.Entries.Keys.Order());
        await SpoolSamples.AssertBodyAsync(again.Spool, seen.Id, SpoolSamples.Octets(3, 5000));
    }

    [Fact]
    public async Task A_spilled_body_that_cannot_be_written_is_answered_by_a_fault_and_leaves_no_file()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        FailNext(disk, DiskCall.Write, 1, CrashingDisk.FullDisk);
        Assert.Equal(SpoolFault.NoSpace, (await open.TryAddAsync(new byte[900_000])).Fault);
        FailNext(disk, DiskCall.SyncDirectory, 1, CrashingDisk.BrokenDisk);
        Assert.Equal(SpoolFault.Failed, (await open.TryAddAsync(new byte[90_000])).Fault);
        Assert.DoesNotContain(disk.Files(), file => file.Contains("/spill/", StringComparison.Ordinal));
        await open.AddAsync(new byte[90_000]);
    }

    [Fact]
    public async Task Memory_that_is_used_up_spills_bodies_and_stops_new_ones()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, LogSpoolFixture.Small with { BodyMemory = 64 << 10 });
        var bodies = new List<IBodyWriter>();
        for (var i = 0; i < 10; i++)
        {
            var body = open.Spool.CreateBody();
            Assert.Equal(SpoolFault.None, await body.WriteAsync(SpoolSamples.Octets(i, 16_000)));
            Assert.Equal(SpoolFault.None, await body.WriteAsync(SpoolSamples.Octets(i + 100, 9_000)));
            bodies.Add(body);
        }
        Assert.Equal(SpoolFault.NoMemory, open.Spool.CanAccept(0));
        Assert.Contains(disk.Files(), file => file.Contains("/spill/", StringComparison.Ordinal));
        for (var i = 0; i < bodies.Count; i++)
        {
            var envelope = SpoolSamples.Envelope(open.Spool.NewId(), bodies[i].Id);
            Assert.Equal(SpoolFault.None, await open.Spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [bodies[i]], Envelopes = [envelope] }));
            await SpoolSamples.AssertBodyAsync(open.Spool, envelope.Id, [.. SpoolSamples.Octets(i, 16_000), .. SpoolSamples.Octets(i + 100, 9_000)]);
        }
        Assert.Equal(SpoolFault.None, open.Spool.CanAccept(0));
    }

    [Fact]
    public async Task A_start_that_is_given_up_changes_nothing()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        await open.AddAsync(new byte[100]);
        var killed = disk.Kill();
        var calls = killed.Calls;
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var spool = new Postrider.Queue.Spool.Log.LogSpool(LogSpoolFixture.Folder, LogSpoolFixture.Small, killed, TimeProvider.System);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await spool.OpenAsync(new RecordingListener(), null, cancelled.Token));
        Assert.Equal(calls, killed.Calls);
    }

    [Fact]
    public async Task A_long_start_says_how_far_it_is()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, LogSpoolFixture.Small with { SnapshotAfter = 1 << 30 });
        for (var i = 0; i < 200; i++)
            await open.AddAsync(new byte[30_000]);
        var told = new Told();
        var spool = new Postrider.Queue.Spool.Log.LogSpool(LogSpoolFixture.Folder, LogSpoolFixture.Small, disk.Kill(), TimeProvider.System);
        await spool.OpenAsync(new RecordingListener(), told);
        Assert.InRange(told.Reports.Count, 5, 14);
        Assert.All(told.Reports, report => Assert.InRange(report.Done, 1, report.Total));
        Assert.Equal(told.Reports.OrderBy(report => report.Done), told.Reports);
        Assert.InRange(told.Reports[^1].Entries, 150, 200);
    }

    [Fact]
    public async Task A_body_disposed_of_while_its_commit_is_on_its_way_is_whole()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        disk.IsDeferring = true;
        var octets = SpoolSamples.Octets(4, 9000);
        var body = open.Spool.CreateBody();
        await body.WriteAsync(octets);
        var envelope = SpoolSamples.Envelope(open.Spool.NewId(), body.Id);
        var commit = open.Spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [envelope] }).AsTask();
        await body.DisposeAsync();
        // Who gets the memory now writes over it.
        var other = open.Spool.CreateBody();
        await other.WriteAsync(new byte[9000]);
        disk.RunDeferred();
        Assert.Equal(SpoolFault.None, await commit);
        disk.IsDeferring = false;
        await SpoolSamples.AssertBodyAsync(open.Spool, envelope.Id, octets);
    }

    private sealed class Told : IProgress<SpoolProgress>
    {
        public List<SpoolProgress> Reports { get; } = [];

        public void Report(SpoolProgress value) => Reports.Add(value);
    }

    private static void FailNext(CrashingDisk disk, DiskCall call, int count, DiskError error)
    {
        disk.Fault = (made, _) =>
        {
            if (made != call || count == 0)
                return DiskError.None;
            count--;
            return error;
        };
    }
}
