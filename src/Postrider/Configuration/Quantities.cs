using System.Globalization;
using Postrider.Hosting;
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
    public const string RateForm = RateLimit.Form;

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

    /// <inheritdoc cref="Durations.TryParse"/>
    public static bool TryParseDuration(string text, out TimeSpan duration) => Durations.TryParse(text, out duration);

    /// <inheritdoc cref="RateLimit.TryParse"/>
    public static bool TryParseRate(string text, out RateLimit rate) => RateLimit.TryParse(text, out rate);

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
