using System.Globalization;

namespace Postrider.Hosting.Admission;

/// <summary>So many in so long: all of them may come at once, and then as many as the time brings.</summary>
/// <param name="Count">How many; 0 for no limit.</param>
/// <param name="Period">In how long.</param>
public readonly record struct RateLimit(int Count, TimeSpan Period)
{
    /// <summary>What a rate looks like, for messages.</summary>
    internal const string Form = "a rate such as \"100/1m\", a number and the time that it is for, or \"off\"";

    /// <summary>No limit.</summary>
    public static RateLimit Off => default;

    /// <summary>Whether there is none.</summary>
    public bool IsOff => Count <= 0 || Period <= TimeSpan.Zero;

    /// <summary>Reads a rate: a number, a slash and a time, whose number may be left out where it is 1; or off.</summary>
    internal static bool TryParse(string text, out RateLimit rate)
    {
        rate = Off;
        if (text == "off")
            return true;
        if (text.Split('/') is not [var count, var time] || !int.TryParse(count.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            return false;
        time = time.Trim();
        if (!Durations.TryParse(time.Length > 0 && char.IsAsciiDigit(time[0]) ? time : "1" + time, out var period) || period == TimeSpan.Zero)
            return false;
        rate = new RateLimit(number, period);
        return true;
    }

    /// <summary>As settings have it: <c>100/1m</c>, <c>off</c>.</summary>
    public override string ToString() => IsOff ? "off" : string.Create(CultureInfo.InvariantCulture, $"{Count}/{Durations.Exact(Period)}");
}
