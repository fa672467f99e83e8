using System.Globalization;

namespace Postrider.Load.Measuring;

/// <summary>
/// Reads what a server has used so far: one that is one process by its number, one of many processes
/// by its control group, in which those that have ended count too.
/// </summary>
internal sealed class ServerMeter(IReadOnlyList<int> processes, string? controlGroup)
{
    private const long PageSize = 4096;

    /// <summary>Whether there is a server to look at.</summary>
    public bool IsKnown => processes.Count > 0 || controlGroup is not null;

    /// <summary>CPU time so far, user and system, in microseconds.</summary>
    public double CpuMicroseconds
    {
        get
        {
            if (controlGroup is null)
                return processes.Sum(CpuOf);
            if (File.Exists(Path.Combine(controlGroup, "cpuacct.usage")))
                return long.Parse(File.ReadAllText(Path.Combine(controlGroup, "cpuacct.usage")), CultureInfo.InvariantCulture) / 1e3;
            return Field(Path.Combine(controlGroup, "cpu.stat"), "usage_usec ");
        }
    }

    /// <summary>Resident octets; with several processes each shared page counts once.</summary>
    public long Memory
    {
        get
        {
            if (controlGroup is null)
                return processes.Sum(static p => long.Parse(ReadProc($"/proc/{p}/statm").Split(' ') is [_, var resident, ..] ? resident : "0", CultureInfo.InvariantCulture) * PageSize);
            return Processes.Sum(static p => Field($"/proc/{p}/smaps_rollup", "Pss: ")) * 1024;
        }
    }

    private IEnumerable<int> Processes => controlGroup is null
        ? processes
        : File.ReadAllLines(Path.Combine(controlGroup, "cgroup.procs")).Select(static l => int.Parse(l, CultureInfo.InvariantCulture));

    // The 14th and 15th field, in hundredths of a second; the second one, the name, may hold blanks.
    private static double CpuOf(int process)
    {
        var stat = ReadProc($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length < 13 ? 0 : (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * 1e4;
    }

    private static long Field(string path, string name)
    {
        foreach (var line in ReadProc(path).Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
                return long.Parse(line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
        }
        return 0;
    }

    // A process may end between two looks.
    private static string ReadProc(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }
}
