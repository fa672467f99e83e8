using System.Diagnostics;
using Postrider.Load.Sending;

namespace Postrider.Load.Measuring;

/// <summary>What one window of a run measured.</summary>
/// <param name="Messages">Messages taken (end to end: arrived) in it.</param>
/// <param name="Seconds">How long it was.</param>
/// <param name="P50">Milliseconds from MAIL to 250, half of all.</param>
/// <param name="P99">The same, 99 of 100.</param>
/// <param name="CpuPerMessage">Microseconds of the server's CPU for each message.</param>
/// <param name="DiskWritten">Octets written to the disk by anyone.</param>
internal sealed record LoadWindow(long Messages, double Seconds, double P50, double P99, double CpuPerMessage, long DiskWritten)
{
    public double Rate => Messages / Seconds;

    /// <summary>Measures what happens while something runs.</summary>
    /// <param name="generator">Whose latencies count.</param>
    /// <param name="server">The server.</param>
    /// <param name="disk">Its disk.</param>
    /// <param name="run">What runs; it gives the number of messages.</param>
    public static LoadWindow Measure(LoadGenerator generator, ServerMeter server, DiskMeter disk, Func<long> run)
    {
        generator.Latencies.Clear();
        var (cpu, written, start) = (server.CpuMicroseconds, disk.OctetsWritten, Stopwatch.GetTimestamp());
        var messages = run();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new LoadWindow(
            messages,
            seconds,
            generator.Latencies.Milliseconds(0.50),
            generator.Latencies.Milliseconds(0.99),
            (server.CpuMicroseconds - cpu) / Math.Max(messages, 1),
            disk.OctetsWritten - written);
    }
}
