using Postrider.Conformance.Spool;
using Postrider.Queue.Disk;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>The log spool on the real disk, with segments so small that they are used up.</summary>
public sealed class LogSpoolContractTests : DurableSpoolContract, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("postrider-spool-");

    public void Dispose() => folder.Delete(recursive: true);

    protected override ISpool Create() => new LogSpool(
        folder.FullName,
        new LogSpoolOptions { SegmentSize = 1 << 20, FirstSegmentSize = 64 << 10, SnapshotAfter = 4 << 20, ReservedPercent = 0, RecentBatches = 1 << 20 },
        new UnixDisk(),
        TimeProvider.System);

    protected override void AssertNothingStored() =>
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.FullName, "spill")));
}
