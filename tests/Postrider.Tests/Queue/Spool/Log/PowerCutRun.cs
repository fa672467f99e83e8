using Postrider.Conformance.Disk;
using Postrider.Conformance.Spool;
using Postrider.Queue.Disk;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;
using static Postrider.Tests.Queue.Spool.Log.SpoolModel;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>
/// One run of the campaign: random work on a log spool whose disk is cut off again and again. At each
/// cut the disk as it might be found is opened by another spool and compared with the model, and some
/// of those openings are cut off too. A seed gives the same run each time.
/// </summary>
internal sealed class PowerCutRun
{
    private const string Folder = "/data/spool";
    private const int Steps = 90;

    private readonly int _seed;
    private readonly Random _random;
    private readonly Random _cuts;
    private readonly LogSpoolOptions _options;
    private readonly SpoolModel _model = new();
    private readonly List<string> _trace = [];
    private readonly bool _isTight;
    private readonly long _roomy = 256 << 20;
    private readonly Action<CrashingDisk>? _break;
    private readonly Loop _loop = new();
    private readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    private CrashingDisk _disk;
    private LogSpool _spool;
    private int _failing;
    private DiskCall _failingCall;
    private bool _isCutting;
    private bool _hasSyncFailed;
    private bool _hasFaulted;
    private CampaignException? _breach;

    public PowerCutRun(int seed, Action<CrashingDisk>? breakIt = null)
    {
        _seed = seed;
        _random = new Random(seed);
        _cuts = new Random(seed + 1);
        _break = breakIt;
        _isTight = _random.Next(3) == 0;
        var segment = _random.Next(3) switch { 0 => 32 << 10, 1 => 64 << 10, _ => 128 << 10 };
        _options = new LogSpoolOptions
        {
            SegmentSize = segment,
            FirstSegmentSize = 16 << 10,
            LargestLogBody = _random.Next(2) == 0 ? 6 << 10 : 40 << 10,
            BodyMemory = _random.Next(4) == 0 ? 20 << 10 : 1 << 20,
            SpillFlush = 16 << 10,
            SnapshotAfter = _random.Next(3) switch { 0 => 40 << 10, 1 => 150 << 10, _ => 2 << 20 },
            LargestBatch = 64 << 10,
            SnapshotSlice = _random.Next(1, 12),
            RecentBatches = 16 << (10 + (seed % 4)),
        };
        _hasFaulted = _isTight;
        if (_isTight)
            _roomy = segment * 14L;
        _disk = Prepare(new CrashingDisk(seed) { IsDeferring = _random.Next(2) == 0 });
        _spool = New(_disk);
    }

    /// <summary>Cut points that were tried.</summary>
    public int Cuts { get; private set; }

    /// <summary>What was seen of the spool's inner life, so that a campaign that never cleans shows.</summary>
    public HashSet<string> Seen { get; } = [];

    public void Run()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_loop);
        try
        {
            Open(isKilled: true);
            for (var step = 0; step < Steps; step++)
            {
                Step();
                ThrowBreach();
            }
            Restart(2);
            ThrowBreach();
        }
        catch (Exception failure)
        {
            throw new CampaignException(
                $"Seed {_seed}, after {Cuts} cuts: {failure.Message}\n{string.Join('\n', _trace.TakeLast(40))}\n{failure}");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private static DiskError Faulty(bool isFull) => isFull ? CrashingDisk.FullDisk : CrashingDisk.BrokenDisk;

    private LogSpool New(IDisk disk) => new(Folder, _options, disk, new SteppingTime());

    private CrashingDisk Prepare(CrashingDisk disk)
    {
        disk.Capacity = _roomy;
        disk.BeforeCall = MaybeCut;
        disk.Fault = MaybeFail;
        _break?.Invoke(disk);
        return disk;
    }

    private DiskError MaybeFail(DiskCall call, string path)
    {
        if (path.Contains("/segments", StringComparison.Ordinal))
            Seen.Add(call + " segment");
        if (call == DiskCall.Rename && path.Contains("/snapshots", StringComparison.Ordinal))
            Seen.Add("snapshot");
        if (_failing == 0 || call != _failingCall)
            return DiskError.None;
        _failing--;
        _hasFaulted = true;
        // What was not written then is missed later, and that is said, though nothing acknowledged is lost by it.
        _hasSyncFailed |= call == DiskCall.SyncData;
        Seen.Add("failed " + call);
        _trace.Add($"  {call} of {path} fails");
        return Faulty(call != DiskCall.SyncData && _failing % 3 == 1);
    }

    private void Step()
    {
        var kind = _random.Next(100);
        if (kind < 3)
        {
            _failing = _random.Next(8) == 0 ? 2 : 1;
            _failingCall = (DiskCall)_random.Next(6);
        }
        else if (kind < 6)
        {
            Restart(_random.Next(3));
            return;
        }
        else if (kind < 8)
        {
            _hasFaulted = true;
            _disk.Capacity = _disk.Capacity < _roomy ? _roomy : _disk.Used + _random.Next(200 << 10);
            _trace.Add($"capacity {_disk.Capacity}, used {_disk.Used}");
        }
        var touched = new HashSet<SpoolId>();
        var running = new List<(Op Op, Task<SpoolFault> Task)>();
        for (var count = _disk.IsDeferring ? _random.Next(1, 6) : 1; count > 0; count--)
        {
            var op = Make(touched);
            if (op is null)
                continue;
            _trace.Add(op.Name);
            _model.Begin(op);
            running.Add((op, Begin(_spool.CommitAsync(op.Commit))));
        }
        foreach (var (op, task) in running)
        {
            var fault = Pump(task);
            if (fault == SpoolFault.None)
            {
                _model.Done(op);
                continue;
            }
            _trace.Add($"  {op.Name}: {fault}{(_spool.Stopped is null ? "" : ", stopped")}");
            Seen.Add(fault.ToString());
            // A note that met the same disk was not taken either.
            _hasFaulted = true;
            if (_spool.Stopped is null)
                _model.Refused(op);
            foreach (var body in op.Commit.Bodies)
                Pump(Begin(body.DisposeAsync()));
        }
        if (_spool.Stopped is not null)
        {
            Seen.Add("stopped");
            Restart(_random.Next(3));
        }
        else if (_random.Next(6) == 0)
        {
            _spool.CanAccept(1000);
            while (_disk.RunOneDeferred())
            {
            }
        }
    }

    private Op? Make(HashSet<SpoolId> touched)
    {
        var free = _model.Live.Keys.Where(id => !touched.Contains(id)).Order().ToList();
        var kind = _random.Next(100);
        // The fuller it is, the more ends: a constant size in the long run.
        if (free.Count == 0 || kind < (free.Count > 25 ? 10 : 45))
            return Add();
        var id = free[_random.Next(free.Count)];
        var entry = _model.Live[id];
        touched.Add(id);
        var version = entry.State.Version + (uint)_random.Next(1, 3);
        if (kind < 55)
        {
            var state = SpoolSamples.State(version, [_random.Next(2)], _random.Next(4) == 0 ? "held" : null);
            return new Op(
                $"change {id} to {version}",
                new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, version, state)] },
                new() { [id] = entry with { State = state } });
        }
        if (kind < 60)
        {
            _trace.Add($"note {id}");
            Pump(Begin(_spool.NoteAttemptAsync(id)));
            if (_spool.Stopped is null)
                _model.Starts[id] = _model.Starts.GetValueOrDefault(id) + 1;
            return null;
        }
        if (kind < 65)
        {
            var parts = new[] { "a.example", "b.example" }.Select(hop => SpoolSamples.Envelope(_spool.NewId(), entry.Envelope.Body, 2, hop, entry.Envelope.Message)).ToList();
            var after = parts.ToDictionary(part => part.Id, part => (Entry?)new Entry(part, part.State, entry.Octets));
            after[id] = null;
            return new Op(
                $"split {id} into {parts[0].Id} and {parts[1].Id}",
                new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, version, null)], Envelopes = parts },
                after);
        }
        if (kind < 70)
        {
            var octets = SpoolSamples.Octets(_random.Next(), _random.Next(3000));
            var body = Body(octets);
            if (body is null)
                return null;
            var report = SpoolSamples.Envelope(_spool.NewId(), body.Id, 2, "sender.example");
            return new Op(
                $"bounce {id} as {report.Id}",
                new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, version, null)], Bodies = [body], Envelopes = [report] },
                new() { [id] = null, [report.Id] = new Entry(report, report.State, octets) });
        }
        return new Op(
            $"finish {id}",
            new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, version, null)] },
            new() { [id] = null });
    }

    private Op? Add()
    {
        var octets = SpoolSamples.Octets(_random.Next(), _random.Next(10) switch
        {
            0 => 0,
            < 6 => _random.Next(2000),
            < 9 => _random.Next(9000),
            _ => _random.Next(60_000),
        });
        var body = Body(octets);
        if (body is null)
            return null;
        if (_random.Next(12) == 0)
        {
            _trace.Add("abort a body");
            Pump(Begin(body.DisposeAsync()));
            return null;
        }
        var message = _spool.NewId();
        var envelopes = Enumerable.Range(0, _random.Next(5) == 0 ? 3 : 1)
            .Select(i => SpoolSamples.Envelope(_spool.NewId(), body.Id, 2, $"{i}.example", message)).ToList();
        return new Op(
            $"add {string.Join(' ', envelopes.Select(e => e.Id))} of {octets.Length}",
            new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = envelopes },
            envelopes.ToDictionary(envelope => envelope.Id, envelope => (Entry?)new Entry(envelope, envelope.State, octets)));
    }

    private IBodyWriter? Body(byte[] octets)
    {
        var body = _spool.CreateBody();
        for (var at = 0; at < octets.Length;)
        {
            var length = Math.Min(octets.Length - at, _random.Next(1, 16_000));
            var fault = Pump(Begin(body.WriteAsync(octets.AsMemory(at, length))));
            if (fault != SpoolFault.None)
            {
                Pump(Begin(body.DisposeAsync()));
                return null;
            }
            at += length;
        }
        return body;
    }

    // 0: an orderly end. 1: a killed process. 2: a power cut, after which the run goes on.
    private void Restart(int how)
    {
        _failing = 0;
        if (how == 0)
            Pump(Begin(_spool.DisposeAsync()));
        LookAtSegments();
        _trace.Add(how switch { 0 => "orderly restart", 1 => "killed", _ => "power cut" });
        var isDeferring = _disk.IsDeferring;
        _disk = Prepare(how switch
        {
            0 => _disk,
            1 => _disk.Kill(),
            _ => _disk.Crash(_random.Next(), (CrashMode)_random.Next(6)),
        });
        _disk.IsDeferring = isDeferring;
        Open(isKilled: how != 2);
    }

    // What the run has brought about, so that a campaign that never cleans or recycles shows.
    private void LookAtSegments()
    {
        foreach (var file in _disk.Files().Where(file => file.Contains("/segments/", StringComparison.Ordinal)))
        {
            if (!SegmentHeader.TryRead(_disk.Content(file), out var header))
                continue;
            if (header.Kind == SegmentKind.Cold)
                Seen.Add("cold segment");
            if (_numbers.TryGetValue(file, out var number) && number != header.Number)
                Seen.Add("recycled segment");
            _numbers[file] = header.Number;
        }
    }

    private void Open(bool isKilled)
    {
        var listener = new RecordingListener();
        _spool = New(_disk);
        Pump(Begin(_spool.OpenAsync(listener)));
        if (_spool.Damage.Count > 0 && !_hasSyncFailed)
            throw new CampaignException($"Damage was reported where there was none: {_spool.Damage[0]}");
        // Reading must not wait for anything that is put off.
        var isDeferring = _disk.IsDeferring;
        _disk.IsDeferring = false;
        _model.Resolve(_model.Check(_spool, listener.Entries, isKilled && !_hasFaulted));
        if (!isKilled)
            _model.Starts.Clear();
        foreach (var entry in listener.Entries.Values.Where(_ => !isKilled))
            _model.Starts[entry.Id] = entry.Starts;
        _disk.IsDeferring = isDeferring;
    }

    private void MaybeCut()
    {
        if (_isCutting || _breach is not null || _cuts.Next(14) != 0)
            return;
        _isCutting = true;
        Cuts++;
        TryImage(_disk.Crash(_cuts.Next(), (CrashMode)_cuts.Next(6)), mayCutAgain: true, $"cut {Cuts} before call {_disk.Calls}");
        _isCutting = false;
    }

    // Opens what a cut left, compares, works on a little, and cuts that off as well.
    private void TryImage(CrashingDisk image, bool mayCutAgain, string what)
    {
        try
        {
            image.Capacity = 256 << 20;
            var cutAgainAt = mayCutAgain && _cuts.Next(3) == 0 ? _cuts.Next(14) : -1;
            image.BeforeCall = () =>
            {
                if (cutAgainAt-- != 0)
                    return;
                Cuts++;
                TryImage(image.Crash(_cuts.Next(), (CrashMode)_cuts.Next(6)), mayCutAgain: false, what + ", and again while it opened");
            };
            var spool = New(image);
            var listener = new RecordingListener();
            Now(spool.OpenAsync(listener));
            if (spool.Damage.Count > 0 && !_hasSyncFailed)
                throw new CampaignException($"damage was reported where there was none: {spool.Damage[0]}");
            image.BeforeCall = null;
            var taken = _model.Check(spool, listener.Entries, isKilled: false);
            if (_cuts.Next(4) == 0)
                WorkOn(image, spool, taken);
        }
        catch (Exception failure)
        {
            // Not thrown through the spool that is at work: it would take it for its own.
            _breach ??= new CampaignException($"{what}: {failure.Message}\n{failure.StackTrace}");
        }
    }

    private void WorkOn(CrashingDisk image, LogSpool spool, IReadOnlyList<Op> taken)
    {
        var id = spool.NewId();
        if (_model.Live.ContainsKey(id) || taken.Any(op => op.After.ContainsKey(id)))
            throw new CampaignException($"the name {id} was given out again");
        var octets = SpoolSamples.Octets(7, 5000);
        var body = spool.CreateBody();
        Now(body.WriteAsync(octets));
        var added = SpoolSamples.Envelope(id, body.Id);
        Assert.Equal(SpoolFault.None, Now(spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [added] })));
        var again = New(image.Crash(_cuts.Next(), (CrashMode)_cuts.Next(6)));
        var listener = new RecordingListener();
        Now(again.OpenAsync(listener));
        SpoolSamples.AssertSame(added, added.State, octets.Length, Now(again.ReadAsync(id)));
        var listed = listener.Entries.Where(entry => entry.Key != id).ToDictionary();
        if (!_model.Check(again, listed, isKilled: false).SequenceEqual(taken))
            throw new CampaignException("a commit that was there after the first cut is gone after the second, or the other way round");
    }

    // The disk of an image does everything at once: what is begun on it is done, but for who awaits it.
    private T Now<T>(ValueTask<T> task) => Pump(Begin(task));

    private void Now(ValueTask task) => Pump(Begin(task));

    private static async Task<T> Begin<T>(ValueTask<T> task) => await task;

    private static async Task<bool> Begin(ValueTask task)
    {
        await task;
        return true;
    }

    // One thing at a time, in an order that the seed decides.
    private T Pump<T>(Task<T> running)
    {
        while (_loop.RunOne() || !running.IsCompleted)
        {
            if (!running.IsCompleted && _loop.IsEmpty && !_disk.RunOneDeferred())
                throw new CampaignException("something waits for what never comes");
        }
        return running.GetAwaiter().GetResult();
    }

    private void ThrowBreach()
    {
        if (_breach is not null)
            throw _breach;
    }

    private sealed class Loop : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Work, object? State)> _work = [];

        public bool IsEmpty => _work.Count == 0;

        public override void Post(SendOrPostCallback d, object? state) => _work.Enqueue((d, state));

        public bool RunOne()
        {
            if (!_work.TryDequeue(out var next))
                return false;
            next.Work(next.State);
            return true;
        }
    }

    // Each look at the clock is a while later, so that free space is asked for again.
    private sealed class SteppingTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Interlocked.Add(ref _now, 600);
    }
}
