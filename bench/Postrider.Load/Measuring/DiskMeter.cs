using System.Globalization;

namespace Postrider.Load.Measuring;

/// <summary>
/// Counts the octets written to the disk on which a folder lies, whoever wrote them. What the kernel
/// counts for a process is not what reaches the disk: one dirty octet counts as a whole large folio.
/// </summary>
internal sealed class DiskMeter
{
    private const int SectorSize = 512;

    private readonly string? statistics;

    public DiskMeter(string? folder)
    {
        if (folder is null)
            return;
        var full = Path.GetFullPath(folder);
        string? device = null;
        var longest = -1;
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            // 36 35 98:0 /root /mount/point options …
            var fields = line.Split(' ');
            var point = fields[4];
            if (point.Length > longest && (full == point || full.StartsWith(point == "/" ? point : point + "/", StringComparison.Ordinal)))
                (longest, device) = (point.Length, fields[2]);
        }
        statistics = $"/sys/dev/block/{device}/stat";
        if (!File.Exists(statistics))
            statistics = null;
    }

    /// <summary>Octets so far; 0 where the disk cannot be told.</summary>
    public long OctetsWritten => statistics is null
        ? 0
        : long.Parse(File.ReadAllText(statistics).Split(' ', StringSplitOptions.RemoveEmptyEntries)[6], CultureInfo.InvariantCulture) * SectorSize;
}
