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

    private readonly SpoolFolder _folder;
    private readonly LogSpoolOptions _options;
    private readonly SpoolKey _key;
    private readonly uint _epoch;
    private readonly SpoolIndex _index;
    private readonly SegmentPool _pool;
    private readonly SegmentChain _hot;
    private readonly SegmentChain _cold;
    private readonly List<(ulong Number, ulong Sequence)> _kept;
    private readonly Lock _sync = new();
    private Task _running = Task.CompletedTask;
    private ulong _nextNumber;
    private ulong _covered;
    private long _grown;
    private long _size;
    private bool _isClosing;

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
        _folder = folder;
        _options = options;
        _key = key;
        _epoch = epoch;
        _index = index;
        _pool = pool;
        _hot = hot;
        _cold = cold;
        _kept = [.. kept];
        _nextNumber = nextNumber;
        _grown = grown;
        SetCovered();
    }

    /// <summary>No start will ever replay batches up to this one: two durable snapshots have them.</summary>
    public ulong Covered => Volatile.Read(ref _covered);

    /// <summary>Whether the log has grown enough for the next.</summary>
    public bool IsDue => _running.IsCompleted && Volatile.Read(ref _grown) >= Math.Max(_options.SnapshotAfter, 8 * Volatile.Read(ref _size));

    public void LogGrew(long octets) => Interlocked.Add(ref _grown, octets);

    /// <summary>Begins one. Called by the committer between batches, so that position and index agree.</summary>
    public void Begin()
    {
        if (!_running.IsCompleted || _isClosing)
            return;
        _running = WriteAsync(Head());
    }

    /// <summary>Where segments wait for nothing but a snapshot, sees to it. False where that would free none.</summary>
    public bool Reclaim()
    {
        if (!_running.IsCompleted)
            return true;
        var covered = Covered;
        lock (_index.Sync)
        {
            if (!_index.Segments.Values.Any(segment => segment is { IsSealed: true, LivePercent: < 30 } && segment.LastSequence > covered))
                return false;
        }
        Begin();
        return true;
    }

    /// <summary>Waits for the one that is being written, and writes a last one where it saves the next start work.</summary>
    public async ValueTask CloseAsync()
    {
        await _running;
        _isClosing = true;
        if (_grown >= Math.Min(WorthAtTheEnd, _options.SnapshotAfter))
            await WriteAsync(Head());
    }

    /// <summary>The number in the name of a file; 0 where it is no snapshot's.</summary>
    public static ulong FileNumber(string name) =>
        name.Length == 16 && ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private SnapshotHeader Head()
    {
        Volatile.Write(ref _grown, 0);
        lock (_index.Sync)
            return new SnapshotHeader(_index.Sequence, _hot.Position, _cold.Position, _epoch);
    }

    private async Task WriteAsync(SnapshotHeader head)
    {
        var number = _nextNumber++;
        using var copy = new SnapshotCopy(_folder, _key, _index, head, number, _options.SnapshotSlice);
        var error = await _folder.Disk.RunAsync(copy.Open);
        while (!error.IsError && !copy.IsComplete)
            error = await _folder.Disk.RunAsync(copy.WriteSlice);
        if (!error.IsError)
            error = await _folder.Disk.RunAsync(copy.Finish);
        if (error.IsError)
        {
            await _folder.Disk.RunAsync(copy.Remove);
            // Not at once again: the log can do without for a while.
            LogGrew(Math.Max(_options.SnapshotAfter, 8 * _size) / 2);
            return;
        }
        Volatile.Write(ref _size, copy.Length);
        List<ulong> outdated = [];
        lock (_sync)
        {
            _kept.Add((number, head.Sequence));
            while (_kept.Count > 2)
            {
                outdated.Add(_kept[0].Number);
                _kept.RemoveAt(0);
            }
            SetCovered();
        }
        await _folder.Disk.RunAsync(() =>
        {
            foreach (var gone in outdated)
                _ = _folder.Disk.Delete(_folder.Snapshot(gone));
            _pool.FreeDead(Covered);
            return true;
        });
    }

    private void SetCovered() => Volatile.Write(ref _covered, _kept.Count < 2 ? 0 : Math.Min(_kept[0].Sequence, _kept[1].Sequence));
}
