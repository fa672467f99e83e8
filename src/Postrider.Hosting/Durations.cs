using System.Globalization;

namespace Postrider.Hosting;

/// <summary>Times as they are written in settings: <c>5m</c>, <c>1h 30m</c>.</summary>
internal static class Durations
{
    /// <summary>Reads a time; at least one part, each a whole number and d, h, m, s or ms, the larger first.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            return false;
        var limit = TimeSpan.MaxValue;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || digits > 9)
                return false;
            var number = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[digits..].TrimStart();
            var letters = rest.IndexOfAnyExceptInRange('a', 'z');
            var unit = rest[..(letters < 0 ? rest.Length : letters)] switch
            {
                "d" => TimeSpan.FromDays(1),
                "h" => TimeSpan.FromHours(1),
                "m" or "min" => TimeSpan.FromMinutes(1),
                "s" => TimeSpan.FromSeconds(1),
                "ms" => TimeSpan.FromMilliseconds(1),
                _ => default,
            };
            if (unit == default || unit >= limit || number > TimeSpan.FromDays(36500) / unit)
                return false;
            limit = unit;
            duration += unit * number;
            rest = letters < 0 ? [] : rest[letters..].TrimStart();
        }
        return true;
    }

    /// <summary>A time in one unit, without loss, as <see cref="TryParse"/> reads it.</summary>
    public static string Exact(TimeSpan duration)
    {
        var milliseconds = (long)duration.TotalMilliseconds;
        foreach (var (unit, name) in new[] { (86_400_000L, "d"), (3_600_000L, "h"), (60_000L, "m"), (1000L, "s") })
        {
            if (milliseconds > 0 && milliseconds % unit == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / unit}{name}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
    }
}
