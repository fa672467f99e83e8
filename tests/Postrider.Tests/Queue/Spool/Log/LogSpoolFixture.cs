using Postrider.Conformance.Disk;
using Postrider.Conformance.Spool;
using Postrider.Queue.Disk;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>A log spool on a fake disk, with a few calls that most tests need.</summary>
internal sealed class LogSpoolFixture
{
    public const string Folder = "/data";

    public static LogSpoolOptions Small { get; } = new()
    {
        SegmentSize = 64 << 10,
        FirstSegmentSize = 16 << 10,
        LargestLogBody = 40 << 10,
        SnapshotAfter = 256 << 10,
        BodyMemory = 1 << 20,
    };

    private LogSpoolFixture(LogSpool spool, RecordingListener listener, CrashingDisk disk)
    {
        Spool = spool;
        Listener = listener;
        Disk = disk;
    }

    public LogSpool Spool { get; }

    public RecordingListener Listener { get; }

    public CrashingDisk Disk { get; }

    public static async Task<LogSpoolFixture> OpenAsync(CrashingDisk disk, LogSpoolOptions? options = null)
    {
        var spool = new LogSpool(Folder, options ?? Small, disk, new ImpatientTime());
        var listener = new RecordingListener();
        await spool.OpenAsync(listener);
        return new LogSpoolFixture(spool, listener, disk);
    }

    public async Task<(SpoolFault Fault, NewEnvelope Envelope)> TryAddAsync(byte[] octets, CommitPurpose purpose = CommitPurpose.Acceptance)
    {
        await using var body = Spool.CreateBody();
        var fault = await body.WriteAsync(octets);
        var envelope = SpoolSamples.Envelope(Spool.NewId(), body.Id);
        if (fault == SpoolFault.None)
            fault = await Spool.CommitAsync(new SpoolCommit { Purpose = purpose, Bodies = [body], Envelopes = [envelope] });
        return (fault, envelope);
    }

    public async Task<NewEnvelope> AddAsync(byte[] octets)
    {
        var (fault, envelope) = await TryAddAsync(octets);
        Assert.Equal(SpoolFault.None, fault);
        return envelope;
    }

    public ValueTask<SpoolFault> TryFinishAsync(SpoolId id, uint version = 2) =>
        Spool.CommitAsync(new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, version, null)] });

    public async Task FinishAsync(SpoolId id) => Assert.Equal(SpoolFault.None, await TryFinishAsync(id));

    // Free space is asked for again each time.
    private sealed class ImpatientTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Add(ref now, 2);
    }
}
