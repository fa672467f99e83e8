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

    private readonly int seed;
    private readonly Random random;
    private readonly Random cuts;
    private readonly LogSpoolOptions options;
    private readonly SpoolModel model = new();
    private readonly List<string> trace = [];
    private readonly bool isTight;
    private readonly long roomy = 256 << 20;
    private readonly Action<CrashingDisk>? breakIt;
    private readonly Loop loop = new();
    private readonly Dictionary<string, uint> numbers = new(StringComparer.Ordinal);
    private CrashingDisk disk;
    private LogSpool spool;
    private int failing;
    private DiskCall failingCall;
    private bool isCutting;
    private bool hasSyncFailed;
    private bool hasFaulted;
    private CampaignException? breach;

    public PowerCutRun(int seed, Action<CrashingDisk>? breakIt = null)
    {
        this.seed = seed;
        random = new Random(seed);
        cuts = new Random(seed + 1);
        this.breakIt = breakIt;
        isTight = random.Next(3) == 0;
        var segment = random.Next(3) switch { 0 => 32 << 10, 1 => 64 << 10, _ => 128 << 10 };
        options = new LogSpoolOptions
        {
            SegmentSize = segment,
            FirstSegmentSize = 16 << 10,
            LargestLogBody = random.Next(2) == 0 ? 6 << 10 : 40 << 10,
            BodyMemory = random.Next(4) == 0 ? 20 << 10 : 1 << 20,
            SpillFlush = 16 << 10,
            SnapshotAfter = random.Next(3) switch { 0 => 40 << 10, 1 => 150 << 10, _ => 2 << 20 },
            LargestBatch = 64 << 10,
            SnapshotSlice = random.Next(1, 12),
            RecentBatches = 16 << (10 + (seed % 4)),
        };
        hasFaulted = isTight;
        if (isTight)
            roomy = segment * 14L;
        disk = Prepare(new CrashingDisk(seed) { IsDeferring = random.Next(2) == 0 });
        spool = New(disk);
    }

    /// <summary>Cut points that were tried.</summary>
    public int Cuts { get; private set; }

    /// <summary>What was seen of the spool's inner life, so that a campaign that never cleans shows.</summary>
    public HashSet<string> Seen { get; } = [];

    public void Run()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(loop);
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
                $"Seed {seed}, after {Cuts} cuts: {failure.Message}\n{string.Join('\n', trace.TakeLast(40))}\n{failure}");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private static DiskError Faulty(bool isFull) => isFull ? CrashingDisk.FullDisk : CrashingDisk.BrokenDisk;

    private LogSpool New(IDisk disk) => new(Folder, options, disk, new SteppingTime());

    private CrashingDisk Prepare(CrashingDisk disk)
    {
        disk.Capacity = roomy;
        disk.BeforeCall = MaybeCut;
        disk.Fault = MaybeFail;
        breakIt?.Invoke(disk);
        return disk;
    }

    private DiskError MaybeFail(DiskCall call, string path)
    {
        if (path.Contains("/segments", StringComparison.Ordinal))
            Seen.Add(call + " segment");
        if (call == DiskCall.Rename && path.Contains("/snapshots", StringComparison.Ordinal))
            Seen.Add("snapshot");
        if (failing == 0 || call != failingCall)
            return DiskError.None;
        failing--;
        hasFaulted = true;
        // What was not written then is missed later, and that is said, though nothing acknowledged is lost by it.
        hasSyncFailed |= call == DiskCall.SyncData;
        Seen.Add("failed " + call);
        trace.Add($"  {call} of {path} fails");
        return Faulty(call != DiskCall.SyncData && failing % 3 == 1);
    }

    private void Step()
    {
        var kind = random.Next(100);
        if (kind < 3)
        {
            failing = random.Next(8) == 0 ? 2 : 1;
            failingCall = (DiskCall)random.Next(6);
        }
        else if (kind < 6)
        {
            Restart(random.Next(3));
            return;
        }
        else if (kind < 8)
        {
            hasFaulted = true;
            disk.Capacity = disk.Capacity < roomy ? roomy : disk.Used + random.Next(200 << 10);
            trace.Add($"capacity {disk.Capacity}, used {disk.Used}");
        }
        var touched = new HashSet<SpoolId>();
        var running = new List<(Op Op, Task<SpoolFault> Task)>();
        for (var count = disk.IsDeferring ? random.Next(1, 6) : 1; count > 0; count--)
        {
            var op = Make(touched);
            if (op is null)
                continue;
            trace.Add(op.Name);
            model.Begin(op);
            running.Add((op, Begin(spool.CommitAsync(op.Commit))));
        }
        foreach (var (op, task) in running)
        {
            var fault = Pump(task);
            if (fault == SpoolFault.None)
            {
                model.Done(op);
                continue;
            }
            trace.Add($"  {op.Name}: {fault}{(spool.Stopped is null ? "" : ", stopped")}");
            Seen.Add(fault.ToString());
            // A note that met the same disk was not taken either.
            hasFaulted = true;
            if (spool.Stopped is null)
                model.Refused(op);
            foreach (var body in op.Commit.Bodies)
                Pump(Begin(body.DisposeAsync()));
        }
        if (spool.Stopped is not null)
        {
            Seen.Add("stopped");
            Restart(random.Next(3));
        }
        else if (random.Next(6) == 0)
        {
            spool.CanAccept(1000);
            while (disk.RunOneDeferred())
            {
            }
        }
    }

    private Op? Make(HashSet<SpoolId> touched)
    {
        var free = model.Live.Keys.Where(id => !touched.Contains(id)).Order().ToList();
        var kind = random.Next(100);
        // The fuller it is, the more ends: a constant size in the long run.
        if (free.Count == 0 || kind < (free.Count > 25 ? 10 : 45))
            return Add();
        var id = free[random.Next(free.Count)];
        var entry = model.Live[id];
        touched.Add(id);
        var version = entry.State.Version + (uint)random.Next(1, 3);
        if (kind < 55)
        {
            var state = SpoolSamples.State(version, [random.Next(2)], random.Next(4) == 0 ? "held" : null);
            return new Op(
                $"change {id} to {version}",
                new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, version, state)] },
                new() { [id] = entry with { State = state } });
        }
        if (kind < 60)
        {
            trace.Add($"note {id}");
            Pump(Begin(spool.NoteAttemptAsync(id)));
            if (spool.Stopped is null)
                model.Starts[id] = model.Starts.GetValueOrDefault(id) + 1;
            return null;
        }
        if (kind < 65)
        {
            var parts = new[] { "a.example", "b.example" }.Select(hop => SpoolSamples.Envelope(spool.NewId(), entry.Envelope.Body, 2, hop, entry.Envelope.Message)).ToList();
            var after = parts.ToDictionary(part => part.Id, part => (Entry?)new Entry(part, part.State, entry.Octets));
            after[id] = null;
            return new Op(
                $"split {id} into {parts[0].Id} and {parts[1].Id}",
                new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, version, null)], Envelopes = parts },
                after);
        }
        if (kind < 70)
        {
            var octets = SpoolSamples.Octets(random.Next(), random.Next(3000));
            var body = Body(octets);
            if (body is null)
                return null;
            var report = SpoolSamples.Envelope(spool.NewId(), body.Id, 2, "sender.example");
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
        var octets = SpoolSamples.Octets(random.Next(), random.Next(10) switch
        {
            0 => 0,
            < 6 => random.Next(2000),
            < 9 => random.Next(9000),
            _ => random.Next(60_000),
        });
        var body = Body(octets);
        if (body is null)
            return null;
        if (random.Next(12) == 0)
        {
            trace.Add("abort a body");
            Pump(Begin(body.DisposeAsync()));
            return null;
        }
        var message = spool.NewId();
        var envelopes = Enumerable.Range(0, random.Next(5) == 0 ? 3 : 1)
            .Select(i => SpoolSamples.Envelope(spool.NewId(), body.Id, 2, $"{i}.example", message)).ToList();
        return new Op(
            $"add {string.Join(' ', envelopes.Select(e => e.Id))} of {octets.Length}",
            new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = envelopes },
            envelopes.ToDictionary(envelope => envelope.Id, envelope => (Entry?)new Entry(envelope, envelope.State, octets)));
    }

    private IBodyWriter? Body(byte[] octets)
    {
        var body = spool.CreateBody();
        for (var at = 0; at < octets.Length;)
        {
            var length = Math.Min(octets.Length - at, random.Next(1, 16_000));
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
        failing = 0;
        if (how == 0)
            Pump(Begin(spool.DisposeAsync()));
        LookAtSegments();
        trace.Add(how switch { 0 => "orderly restart", 1 => "killed", _ => "power cut" });
        var isDeferring = disk.IsDeferring;
        disk = Prepare(how switch
        {
            0 => disk,
            1 => disk.Kill(),
            _ => disk.Crash(random.Next(), (CrashMode)random.Next(6)),
        });
        disk.IsDeferring = isDeferring;
        Open(isKilled: how != 2);
    }

    // What the run has brought about, so that a campaign that never cleans or recycles shows.
    private void LookAtSegments()
    {
        foreach (var file in disk.Files().Where(file => file.Contains("/segments/", StringComparison.Ordinal)))
        {
            if (!SegmentHeader.TryRead(disk.Content(file), out var header))
                continue;
            if (header.Kind == SegmentKind.Cold)
                Seen.Add("cold segment");
            if (numbers.TryGetValue(file, out var number) && number != header.Number)
                Seen.Add("recycled segment");
            numbers[file] = header.Number;
        }
    }

    private void Open(bool isKilled)
    {
        var listener = new RecordingListener();
        spool = New(disk);
        Pump(Begin(spool.OpenAsync(listener)));
        if (spool.Damage.Count > 0 && !hasSyncFailed)
            throw new CampaignException($"Damage was reported where there was none: {spool.Damage[0]}");
        // Reading must not wait for anything that is put off.
        var isDeferring = disk.IsDeferring;
        disk.IsDeferring = false;
        model.Resolve(model.Check(spool, listener.Entries, isKilled && !hasFaulted));
        if (!isKilled)
            model.Starts.Clear();
        foreach (var entry in listener.Entries.Values.Where(_ => !isKilled))
            model.Starts[entry.Id] = entry.Starts;
        disk.IsDeferring = isDeferring;
    }

    private void MaybeCut()
    {
        if (isCutting || breach is not null || cuts.Next(14) != 0)
            return;
        isCutting = true;
        Cuts++;
        TryImage(disk.Crash(cuts.Next(), (CrashMode)cuts.Next(6)), mayCutAgain: true, $"cut {Cuts} before call {disk.Calls}");
        isCutting = false;
    }

    // Opens what a cut left, compares, works on a little, and cuts that off as well.
    private void TryImage(CrashingDisk image, bool mayCutAgain, string what)
    {
        try
        {
            image.Capacity = 256 << 20;
            var cutAgainAt = mayCutAgain && cuts.Next(3) == 0 ? cuts.Next(14) : -1;
            image.BeforeCall = () =>
            {
                if (cutAgainAt-- != 0)
                    return;
                Cuts++;
                TryImage(image.Crash(cuts.Next(), (CrashMode)cuts.Next(6)), mayCutAgain: false, what + ", and again while it opened");
            };
            var opened = New(image);
            var listener = new RecordingListener();
            Now(opened.OpenAsync(listener));
            if (opened.Damage.Count > 0 && !hasSyncFailed)
                throw new CampaignException($"damage was reported where there was none: {opened.Damage[0]}");
            image.BeforeCall = null;
            var taken = model.Check(opened, listener.Entries, isKilled: false);
            if (cuts.Next(4) == 0)
                WorkOn(image, opened, taken);
        }
        catch (Exception failure)
        {
            // Not thrown through the opened that is at work: it would take it for its own.
            breach ??= new CampaignException($"{what}: {failure.Message}\n{failure.StackTrace}");
        }
    }

    private void WorkOn(CrashingDisk image, LogSpool spool, IReadOnlyList<Op> taken)
    {
        var id = spool.NewId();
        if (model.Live.ContainsKey(id) || taken.Any(op => op.After.ContainsKey(id)))
            throw new CampaignException($"the name {id} was given out again");
        var octets = SpoolSamples.Octets(7, 5000);
        var body = spool.CreateBody();
        Now(body.WriteAsync(octets));
        var added = SpoolSamples.Envelope(id, body.Id);
        Assert.Equal(SpoolFault.None, Now(spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Acceptance, Bodies = [body], Envelopes = [added] })));
        var again = New(image.Crash(cuts.Next(), (CrashMode)cuts.Next(6)));
        var listener = new RecordingListener();
        Now(again.OpenAsync(listener));
        SpoolSamples.AssertSame(added, added.State, octets.Length, Now(again.ReadAsync(id)));
        var listed = listener.Entries.Where(entry => entry.Key != id).ToDictionary();
        if (!model.Check(again, listed, isKilled: false).SequenceEqual(taken))
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
        while (loop.RunOne() || !running.IsCompleted)
        {
            if (!running.IsCompleted && loop.IsEmpty && !disk.RunOneDeferred())
                throw new CampaignException("something waits for what never comes");
        }
        return running.GetAwaiter().GetResult();
    }

    private void ThrowBreach()
    {
        if (breach is not null)
            throw breach;
    }

    private sealed class Loop : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Work, object? State)> work = [];

        public bool IsEmpty => work.Count == 0;

        public override void Post(SendOrPostCallback d, object? state) => work.Enqueue((d, state));

        public bool RunOne()
        {
            if (!work.TryDequeue(out var next))
                return false;
            next.Work(next.State);
            return true;
        }
    }

    // Each look at the clock is a while later, so that free space is asked for again.
    private sealed class SteppingTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Interlocked.Add(ref now, 600);
    }
}
