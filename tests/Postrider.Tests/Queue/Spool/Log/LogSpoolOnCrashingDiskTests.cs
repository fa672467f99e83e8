using Postrider.Conformance.Disk;
using Postrider.Conformance.Spool;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>The log spool on the fake disk: what the campaign stands on behaves as the real one does.</summary>
public sealed class LogSpoolOnCrashingDiskTests : DurableSpoolContract
{
    private readonly CrashingDisk disk = new();

    protected override ISpool Create() => new LogSpool(
        "/data",
        new LogSpoolOptions { SegmentSize = 512 << 10, FirstSegmentSize = 64 << 10, SnapshotAfter = 1 << 20, LargestLogBody = 64 << 10, RecentBatches = 256 << 10 },
        disk,
        TimeProvider.System);

    protected override void AssertNothingStored() =>
        Assert.DoesNotContain(disk.Files(), file => file.Contains("/spill/", StringComparison.Ordinal));
}
