using System.Globalization;
using Postrider.Hosting.Admission;

namespace Postrider.Configuration;

/// <summary>Reads sizes such as <c>50 MB</c> and times such as <c>5m</c> or <c>1h 30m</c>.</summary>
internal static class Quantities
{
    /// <summary>What a size looks like, for messages.</summary>
    public const string SizeForm = "a size such as 500 KB, 50 MB or 2 GB, or a number of octets";

    /// <summary>What a time looks like, for messages.</summary>
    public const string DurationForm = "a time with its unit such as 30s, 5m, 1h 30m or 5d";

    /// <summary>What a rate looks like, for messages.</summary>
    public const string RateForm = "a rate such as \"100/1m\", a number and the time that it is for, or \"off\"";

    /// <summary>Reads a size in octets; KB, MB, GB and TB count by 1,000, KiB, MiB, GiB and TiB by 1,024.</summary>
    public static bool TryParseSize(string text, out long octets)
    {
        octets = 0;
        var unitStart = 0;
        while (unitStart < text.Length && (char.IsAsciiDigit(text[unitStart]) || text[unitStart] == '.'))
            unitStart++;
        if (!decimal.TryParse(text.AsSpan(0, unitStart), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        decimal factor = text[unitStart..].Trim().ToUpperInvariant() switch
        {
            "" or "B" => 1,
            "K" or "KB" => 1e3m,
            "M" or "MB" => 1e6m,
            "G" or "GB" => 1e9m,
            "T" or "TB" => 1e12m,
            "KIB" => 1L << 10,
            "MIB" => 1L << 20,
            "GIB" => 1L << 30,
            "TIB" => 1L << 40,
            _ => 0,
        };
        if (factor == 0 || number > long.MaxValue / factor || number * factor != decimal.Truncate(number * factor))
            return false;
        octets = (long)(number * factor);
        return true;
    }

    /// <summary>Reads a time; at least one part, each a whole number and d, h, m, s or ms, the larger first.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
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

    /// <summary>Reads a rate: a number, a slash and a time, whose number may be left out where it is 1; or off.</summary>
    public static bool TryParseRate(string text, out RateLimit rate)
    {
        rate = RateLimit.Off;
        if (text == "off")
            return true;
        if (text.Split('/') is not [var count, var time] || !int.TryParse(count.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            return false;
        time = time.Trim();
        if (!TryParseDuration(time.Length > 0 && char.IsAsciiDigit(time[0]) ? time : "1" + time, out var period) || period == TimeSpan.Zero)
            return false;
        rate = new RateLimit(number, period);
        return true;
    }

    /// <summary>A size for people: 500 MB, 1.2 GB, 312 octets.</summary>
    public static string FormatSize(long octets)
    {
        if (octets < 1000)
            return string.Create(CultureInfo.InvariantCulture, $"{octets} octets");
        string[] units = ["KB", "MB", "GB", "TB", "PB", "EB"];
        var unit = -1;
        decimal value = octets;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{(value < 10 ? Math.Round(value, 1) : Math.Round(value)):0.#} {units[unit]}");
    }

    /// <summary>A time for people, in its two largest units: 5d, 1h 30m, 45s.</summary>
    public static string FormatDuration(TimeSpan duration)
    {
        if (duration < TimeSpan.FromSeconds(1))
            return duration <= TimeSpan.Zero ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0}ms");
        (int Value, string Unit)[] parts = [(duration.Days, "d"), (duration.Hours, "h"), (duration.Minutes, "m"), (duration.Seconds, "s")];
        return string.Join(' ', parts.Where(static p => p.Value > 0).Take(2).Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.Value}{p.Unit}")));
    }
}
