using System.Diagnostics;
using System.Numerics;

namespace Postrider.Load.Measuring;

/// <summary>Latencies in buckets of 3 % or less, from a microsecond to an hour.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;

    private readonly long[] buckets = new long[64 << SubBits];

    public long Count { get; private set; }

    /// <summary>Notes a time between two readings of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public void Add(long ticks)
    {
        buckets[Bucket((ulong)Math.Max(ticks, 0))]++;
        Count++;
    }

    public void Clear()
    {
        Array.Clear(buckets);
        Count = 0;
    }

    /// <summary>The latency in milliseconds that a share of all do not exceed.</summary>
    public double Milliseconds(double share)
    {
        var rank = (long)Math.Ceiling(Count * share);
        long seen = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            seen += buckets[i];
            if (seen >= rank && seen > 0)
                return UpperEdge(i) * 1000.0 / Stopwatch.Frequency;
        }
        return 0;
    }

    private static int Bucket(ulong value)
    {
        var shift = Math.Max(BitOperations.Log2(value | 1) - SubBits, 0);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static double UpperEdge(int bucket)
    {
        var shift = Math.Max((bucket >> SubBits) - 1, 0);
        return (bucket - ((long)shift << SubBits) + 1) * Math.Pow(2, shift);
    }
}
