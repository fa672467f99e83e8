using Postrider.Conformance.Spool;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Spool;

public sealed class MemorySpoolContractTests : SpoolContract
{
    protected override ISpool Create() => new MemorySpool();
}
