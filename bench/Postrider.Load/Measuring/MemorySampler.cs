namespace Postrider.Load.Measuring;

/// <summary>Looks at a server's memory ten times a second.</summary>
internal sealed class MemorySampler : IDisposable
{
    private readonly ServerMeter meter;
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread thread;

    public MemorySampler(ServerMeter meter)
    {
        this.meter = meter;
        First = meter.Memory;
        thread = new Thread(Run) { IsBackground = true, Name = "memory" };
        thread.Start();
    }

    /// <summary>Octets when it began to look.</summary>
    public long First { get; }

    /// <summary>The most that it saw.</summary>
    public long Peak { get; private set; }

    /// <summary>Octets at its last look.</summary>
    public long Last { get; private set; }

    public void Dispose()
    {
        stop.Set();
        thread.Join();
        stop.Dispose();
    }

    private void Run()
    {
        do
        {
            Last = meter.Memory;
            Peak = Math.Max(Peak, Last);
        }
        while (!stop.Wait(100));
    }
}
