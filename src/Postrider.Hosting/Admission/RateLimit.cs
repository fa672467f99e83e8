using System.Globalization;

namespace Postrider.Hosting.Admission;

/// <summary>So many in so long: all of them may come at once, and then as many as the time brings.</summary>
/// <param name="Count">How many; 0 for no limit.</param>
/// <param name="Period">In how long.</param>
public readonly record struct RateLimit(int Count, TimeSpan Period)
{
    /// <summary>No limit.</summary>
    public static RateLimit Off => default;

    /// <summary>Whether there is none.</summary>
    public bool IsOff => Count <= 0 || Period <= TimeSpan.Zero;

    /// <inheritdoc/>
    public override string ToString() => IsOff ? "off" : string.Create(CultureInfo.InvariantCulture, $"{Count} in {Period}");
}
