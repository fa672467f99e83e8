using System.Globalization;

namespace Postrider.Transport.Sockets;

/// <summary>What the system lets this process open.</summary>
internal static class Descriptors
{
    private const string Row = "Max open files";

    /// <summary>The limit of open descriptors; null where the system does not say (other than on Linux).</summary>
    public static int? Limit { get; } = File.Exists("/proc/self/limits") ? Parse(File.ReadAllText("/proc/self/limits")) : null;

    /// <summary>Reads the soft limit from the text of proc(5)'s limits; null for none, or what cannot be read.</summary>
    public static int? Parse(string limits)
    {
        foreach (var line in limits.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Row, StringComparison.Ordinal))
                continue;
            var value = line[Row.Length..].TrimStart();
            var end = value.IndexOf(' ');
            return int.TryParse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture, out var limit) ? limit : null;
        }
        return null;
    }
}
