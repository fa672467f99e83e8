using System.Globalization;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// Snapshots of the index (rule 16): copied in slices while work goes on, so that a slice may be newer
/// than another. The replay from its position on makes that good, since records hold absolute state.
/// The last two are kept; segments are freed against the older.
/// </summary>
internal sealed class Snapshots
{
    // A start that replays less than this needs no snapshot at the end of the run before.
    private const long WorthAtTheEnd = 1 << 20;

    private readonly SpoolFolder folder;
    private readonly LogSpoolOptions options;
    private readonly SpoolKey key;
    private readonly uint epoch;
    private readonly SpoolIndex index;
    private readonly SegmentPool pool;
    private readonly SegmentChain hot;
    private readonly SegmentChain cold;
    private readonly List<(ulong Number, ulong Sequence)> kept;
    private readonly Lock sync = new();
    private Task running = Task.CompletedTask;
    private ulong nextNumber;
    private ulong covered;
    private long grown;
    private long size;
    private bool isClosing;

    /// <summary>Makes them.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="options">When one is due.</param>
    /// <param name="key">The key of the spool.</param>
    /// <param name="epoch">This start.</param>
    /// <param name="index">What is copied.</param>
    /// <param name="pool">Is told what it may free.</param>
    /// <param name="hot">Its position is noted.</param>
    /// <param name="cold">Its position is noted.</param>
    /// <param name="kept">The whole ones that recovery found, in order.</param>
    /// <param name="nextNumber">The number of the next.</param>
    /// <param name="grown">Octets that recovery replayed.</param>
    public Snapshots(
        SpoolFolder folder,
        LogSpoolOptions options,
        SpoolKey key,
        uint epoch,
        SpoolIndex index,
        SegmentPool pool,
        SegmentChain hot,
        SegmentChain cold,
        IEnumerable<(ulong Number, ulong Sequence)> kept,
        ulong nextNumber,
        long grown)
    {
        this.folder = folder;
        this.options = options;
        this.key = key;
        this.epoch = epoch;
        this.index = index;
        this.pool = pool;
        this.hot = hot;
        this.cold = cold;
        this.kept = [.. kept];
        this.nextNumber = nextNumber;
        this.grown = grown;
        SetCovered();
    }

    /// <summary>No start will ever replay batches up to this one: two durable snapshots have them.</summary>
    public ulong Covered => Volatile.Read(ref covered);

    /// <summary>Whether the log has grown enough for the next.</summary>
    public bool IsDue => running.IsCompleted && Volatile.Read(ref grown) >= Math.Max(options.SnapshotAfter, 8 * Volatile.Read(ref size));

    public void LogGrew(long octets) => Interlocked.Add(ref grown, octets);

    /// <summary>Begins one. Called by the committer between batches, so that position and index agree.</summary>
    public void Begin()
    {
        if (!running.IsCompleted || isClosing)
            return;
        running = WriteAsync(Head());
    }

    /// <summary>Where segments wait for nothing but a snapshot, sees to it. False where that would free none.</summary>
    public bool Reclaim()
    {
        if (!running.IsCompleted)
            return true;
        var safe = Covered;
        lock (index.Sync)
        {
            if (!index.Segments.Values.Any(segment => segment is { IsSealed: true, LivePercent: < 30 } && segment.LastSequence > safe))
                return false;
        }
        Begin();
        return true;
    }

    /// <summary>Waits for the one that is being written, and writes a last one where it saves the next start work.</summary>
    public async ValueTask CloseAsync()
    {
        await running;
        isClosing = true;
        if (grown >= Math.Min(WorthAtTheEnd, options.SnapshotAfter))
            await WriteAsync(Head());
    }

    /// <summary>The number in the name of a file; 0 where it is no snapshot's.</summary>
    public static ulong FileNumber(string name) =>
        name.Length == 16 && ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private SnapshotHeader Head()
    {
        Volatile.Write(ref grown, 0);
        lock (index.Sync)
            return new SnapshotHeader(index.Sequence, hot.Position, cold.Position, epoch);
    }

    private async Task WriteAsync(SnapshotHeader head)
    {
        var number = nextNumber++;
        using var copy = new SnapshotCopy(folder, key, index, head, number, options.SnapshotSlice);
        var error = await folder.Disk.RunAsync(copy.Open);
        while (!error.IsError && !copy.IsComplete)
            error = await folder.Disk.RunAsync(copy.WriteSlice);
        if (!error.IsError)
            error = await folder.Disk.RunAsync(copy.Finish);
        if (error.IsError)
        {
            await folder.Disk.RunAsync(copy.Remove);
            // Not at once again: the log can do without for a while.
            LogGrew(Math.Max(options.SnapshotAfter, 8 * size) / 2);
            return;
        }
        Volatile.Write(ref size, copy.Length);
        List<ulong> outdated = [];
        lock (sync)
        {
            kept.Add((number, head.Sequence));
            while (kept.Count > 2)
            {
                outdated.Add(kept[0].Number);
                kept.RemoveAt(0);
            }
            SetCovered();
        }
        await folder.Disk.RunAsync(() =>
        {
            foreach (var gone in outdated)
                _ = folder.Disk.Delete(folder.Snapshot(gone));
            pool.FreeDead(Covered);
            return true;
        });
    }

    private void SetCovered() => Volatile.Write(ref covered, kept.Count < 2 ? 0 : Math.Min(kept[0].Sequence, kept[1].Sequence));
}
