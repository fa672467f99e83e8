using Postrider.Conformance.Disk;
using Postrider.Conformance.Spool;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>
/// Files that were damaged while nobody looked: the start goes on with the rest, says what it found,
/// and not one wrong octet is ever read.
/// </summary>
public sealed class DamageTests
{
    [Fact]
    public async Task Any_bit_may_have_changed()
    {
        var (image, kept) = await FilledAsync();
        var random = new Random(11);
        foreach (var file in image.Files())
        {
            for (var i = 0; i < 25; i++)
            {
                var content = image.Content(file);
                if (content.Length == 0)
                    continue;
                // Half of them in the first block, where the heads are.
                var at = i % 2 == 0 ? random.Next(Math.Min(content.Length, 200)) : random.Next(content.Length);
                content[at] ^= (byte)(1 << random.Next(8));
                await AssertRestIsKeptAsync(image, kept, file, content, mostLost: 6);
            }
        }
    }

    [Fact]
    public async Task Any_block_may_be_zero()
    {
        var (image, kept) = await FilledAsync();
        foreach (var file in image.Files())
        {
            var length = image.Content(file).Length;
            for (var at = 0; at < length; at += 4096 * Math.Max(1, length / 4096 / 8))
            {
                var content = image.Content(file);
                content.AsSpan(at, Math.Min(4096, length - at)).Clear();
                await AssertRestIsKeptAsync(image, kept, file, content, mostLost: 6);
            }
        }
    }

    [Fact]
    public async Task Any_file_may_be_cut_off_or_missing()
    {
        var (image, kept) = await FilledAsync();
        foreach (var file in image.Files())
        {
            var content = image.Content(file);
            foreach (var length in new[] { 0, content.Length / 3, content.Length - 1 })
                await AssertRestIsKeptAsync(image, kept, file, content[..Math.Max(0, length)], mostLost: 40);
            await AssertRestIsKeptAsync(image, kept, file, null, mostLost: 40);
        }
    }

    [Fact]
    public async Task All_snapshots_may_be_lost()
    {
        var (image, kept) = await FilledAsync();
        var damaged = image.Crash(1, CrashMode.NothingUnsynced);
        foreach (var file in damaged.Files().Where(file => file.Contains("/snapshots/", StringComparison.Ordinal)))
            damaged.Damage(file, new byte[500]);
        var open = await LogSpoolFixture.OpenAsync(damaged);
        Assert.NotEmpty(open.Spool.Damage);
        Assert.Contains(damaged.Files(), file => file.Contains("/damaged/", StringComparison.Ordinal));
        foreach (var (id, octets) in kept)
        {
            Assert.Contains(id, open.Listener.Entries.Keys);
            await SpoolSamples.AssertBodyAsync(open.Spool, id, octets);
        }
    }

    [Fact]
    public async Task The_newest_snapshot_may_be_damaged_at_any_time()
    {
        // Segments are freed against the older one: with that alone nothing is missing, and nothing finished comes back.
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, LogSpoolFixture.Small with { SnapshotAfter = 100 << 10 });
        var kept = new Dictionary<SpoolId, byte[]>();
        var tried = 0;
        for (var i = 0; i < 400; i++)
        {
            var octets = SpoolSamples.Octets(i, 1000 + (i * 37 % 3000));
            kept.Add((await open.AddAsync(octets)).Id, octets);
            if (kept.Count > 12)
            {
                var gone = kept.Keys.ElementAt(i * 7 % kept.Count);
                await open.FinishAsync(gone);
                kept.Remove(gone);
            }
            if (i % 9 != 0)
                continue;
            var image = disk.Crash(1, CrashMode.NothingUnsynced);
            var snapshots = image.Files().Where(file => file.Contains("/snapshots/", StringComparison.Ordinal)).ToList();
            if (snapshots.Count < 2)
                continue;
            var content = image.Content(snapshots[^1]);
            content[content.Length / 2] ^= 4;
            image.Damage(snapshots[^1], content);
            var again = await LogSpoolFixture.OpenAsync(image);
            Assert.Single(again.Spool.Damage);
            Assert.Equal(kept.Keys.Order(), again.Listener.Entries.Keys.Order());
            foreach (var (id, expected) in kept)
                await SpoolSamples.AssertBodyAsync(again.Spool, id, expected);
            tried++;
        }
        Assert.InRange(tried, 20, 45);
    }

    [Fact]
    public async Task One_damaged_record_costs_its_own_commit_alone()
    {
        var disk = new CrashingDisk { IsDeferring = true };
        var (spool, listener) = (new LogSpool("/data", LogSpoolFixture.Small, disk, TimeProvider.System), new RecordingListener());
        var opening = spool.OpenAsync(listener);
        disk.RunDeferred();
        await opening;
        // Five commits in one batch, and one behind it that vouches for them.
        var commits = new List<(SpoolId Id, byte[] Octets, Task<SpoolFault> Task)>();
        for (var i = 0; i < 5; i++)
        {
            var octets = SpoolSamples.Octets(i, 1000);
            var body = spool.CreateBody();
            await body.WriteAsync(octets);
            var envelope = SpoolSamples.Envelope(spool.NewId(), body.Id);
            commits.Add((envelope.Id, octets, spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [envelope] }).AsTask()));
        }
        disk.RunDeferred();
        Assert.All(await Task.WhenAll(commits.Select(commit => commit.Task)), fault => Assert.Equal(SpoolFault.None, fault));
        var last = spool.CreateBody();
        await last.WriteAsync(new byte[10]);
        var behind = spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [last], Envelopes = [SpoolSamples.Envelope(spool.NewId(), last.Id)] }).AsTask();
        disk.RunDeferred();
        Assert.Equal(SpoolFault.None, await behind);

        for (var victim = 0; victim < commits.Count; victim++)
        {
            var image = disk.Crash(1, CrashMode.NothingUnsynced);
            var file = image.Files().Single(file => file.Contains("/segments/", StringComparison.Ordinal) && Find(image.Content(file), commits[victim].Id) > 0);
            var content = image.Content(file);
            content[Find(content, commits[victim].Id) + 20] ^= 1;
            image.Damage(file, content);
            var open = await LogSpoolFixture.OpenAsync(image);
            Assert.Single(open.Spool.Damage);
            for (var i = 0; i < commits.Count; i++)
            {
                Assert.Equal(i != victim, open.Listener.Entries.ContainsKey(commits[i].Id));
                if (i != victim)
                    await SpoolSamples.AssertBodyAsync(open.Spool, commits[i].Id, commits[i].Octets);
            }
        }
    }

    [Fact]
    public async Task A_mail_that_looks_like_the_log_is_mail()
    {
        // A body that is a whole segment as it stands on disk, and the same with the offsets where it will stand itself.
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk);
        var finished = await open.AddAsync(SpoolSamples.Octets(1, 3000));
        await open.FinishAsync(finished.Id);
        var segment = disk.Files().First(file => file.Contains("/segments/", StringComparison.Ordinal));
        var forged = disk.Content(segment)[4096..16384];
        var carrier = await open.AddAsync(forged);
        var after = await open.AddAsync(SpoolSamples.Octets(2, 3000));
        await open.AddAsync([]);
        var image = disk.Crash(1, CrashMode.NothingUnsynced);
        foreach (var file in image.Files().Where(file => file.Contains("/segments/", StringComparison.Ordinal)))
        {
            // The head of the carrier's batch is gone: recovery looks for the next, block by block, through the mail.
            var content = image.Content(file);
            var at = Find(content, carrier.Id);
            if (at < 0)
                continue;
            content.AsSpan(at / 4096 * 4096, 64).Clear();
            image.Damage(file, content);
        }
        var again = await LogSpoolFixture.OpenAsync(image);
        Assert.DoesNotContain(finished.Id, again.Listener.Entries.Keys);
        Assert.Contains(after.Id, again.Listener.Entries.Keys);
    }

    // Messages of all kinds over several segments and snapshots, some finished, then a kill; the last commit is of no interest,
    // since nothing vouches for it: damage there is a torn tail.
    private static async Task<(CrashingDisk Image, Dictionary<SpoolId, byte[]> Kept)> FilledAsync()
    {
        var disk = new CrashingDisk();
        var open = await LogSpoolFixture.OpenAsync(disk, LogSpoolFixture.Small with { SnapshotAfter = 100 << 10 });
        var kept = new Dictionary<SpoolId, byte[]>();
        for (var i = 0; i < 70; i++)
        {
            var octets = SpoolSamples.Octets(i, i % 10 == 0 ? 45_000 : i % 7 == 0 ? 35_000 : i * 60);
            var envelope = await open.AddAsync(octets);
            if (i % 3 == 0)
                await open.FinishAsync(envelope.Id);
            else
                kept.Add(envelope.Id, octets);
        }
        var last = await open.AddAsync([]);
        await open.FinishAsync(last.Id);
        Assert.Equal(2, disk.Files().Count(file => file.Contains("/snapshots/", StringComparison.Ordinal)));
        return (disk.Crash(1, CrashMode.NothingUnsynced), kept);
    }

    private static async Task AssertRestIsKeptAsync(CrashingDisk image, Dictionary<SpoolId, byte[]> kept, string file, byte[]? content, int mostLost)
    {
        var damaged = image.Crash(1, CrashMode.NothingUnsynced);
        damaged.Damage(file, content);
        var open = await LogSpoolFixture.OpenAsync(damaged);
        var lost = 0;
        foreach (var (id, octets) in kept)
        {
            if (!open.Listener.Entries.ContainsKey(id))
            {
                lost++;
                Assert.NotEmpty(open.Spool.Damage);
                continue;
            }
            try
            {
                var stored = await open.Spool.ReadAsync(id);
                Assert.Equal(octets.Length, stored!.BodyLength);
                Assert.Equal(octets, await SpoolSamples.ReadBodyAsync(open.Spool, id));
            }
            catch (SpoolDamageException)
            {
                lost++;
            }
        }
        Assert.True(lost <= mostLost, $"{file}: {lost} lost");
        // And it works on.
        var added = await open.AddAsync(SpoolSamples.Octets(99, 500));
        await SpoolSamples.AssertBodyAsync(open.Spool, added.Id, SpoolSamples.Octets(99, 500));
    }

    private static int Find(byte[] content, SpoolId id) => content.AsSpan().IndexOf(BitConverter.GetBytes(id.Value));
}
