using System.Globalization;
using System.Text.Json;

namespace Postrider.Load.Measuring;

/// <summary>What a run found, as a line for people or as JSON.</summary>
internal sealed record LoadReport
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Label { get; init; }

    public required int Size { get; init; }

    public required int Sessions { get; init; }

    public required bool Pipelined { get; init; }

    public required bool Reuse { get; init; }

    /// <summary>Messages a second: the median window.</summary>
    public required double Rate { get; init; }

    /// <summary>Each window's messages a second.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    public required double P50Milliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    /// <summary>Microseconds of the server's CPU for each message; 0 where it was not looked at.</summary>
    public required double CpuPerMessage { get; init; }

    /// <summary>Octets that anyone wrote to the disk for each octet of mail.</summary>
    public required double Writes { get; init; }

    /// <summary>The generator's own CPU for each message, with the sink's where it has one, in microseconds.</summary>
    public required double OwnCpuPerMessage { get; init; }

    public required long MemoryFirst { get; init; }

    public required long MemoryPeak { get; init; }

    public required long MemoryLast { get; init; }

    public required int Accepted { get; init; }

    /// <summary>Deliveries seen, where the end was looked at.</summary>
    public long? Arrived { get; init; }

    /// <summary>Messages that were taken and did not arrive.</summary>
    public int? Missing { get; init; }

    public int? Duplicates { get; init; }

    public int? Corrupt { get; init; }

    public required IReadOnlyDictionary<string, int> Errors { get; init; }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public override string ToString()
    {
        var way = (Pipelined ? "pipelined" : "in turn") + (Reuse ? ", kept" : ", new");
        var line = string.Create(CultureInfo.InvariantCulture, $"{Label,-16} {Size,9} B {Sessions,4} ses ({way}): {Rate,8:0} msg/s  p50 {P50Milliseconds,7:0.00} ms  p99 {P99Milliseconds,7:0.00} ms  cpu {CpuPerMessage,6:0} us  own {OwnCpuPerMessage,4:0} us  writes {Writes,5:0.00}  mem {MemoryFirst / 1e6:0}/{MemoryPeak / 1e6:0}/{MemoryLast / 1e6:0} MB");
        if (Arrived is not null)
            line += string.Create(CultureInfo.InvariantCulture, $"  accepted {Accepted} arrived {Arrived} missing {Missing} twice {Duplicates} corrupt {Corrupt}");
        return Errors.Count == 0 ? line : line + "  errors: " + string.Join(", ", Errors.Select(static e => string.Create(CultureInfo.InvariantCulture, $"{e.Key} x {e.Value}")));
    }
}
