using System.Globalization;

namespace Postrider.Configuration;

/// <summary>One mistake in the configuration.</summary>
/// <param name="Path">Which value, such as <c>listeners[1].port</c>; empty for the file as a whole.</param>
/// <param name="Reason">What is wrong, and what would be right.</param>
/// <param name="Origin">Where it was written.</param>
internal sealed record SettingsMistake(string Path, string Reason, SettingsOrigin Origin = default)
{
    /// <summary>The mistake in one line.</summary>
    /// <param name="file">The name of the file it may be in.</param>
    public string ToString(string file)
    {
        file = Origin.File ?? file;
        var place = Origin switch
        {
            { Variable: { } variable } => variable,
            { Line: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{file}:{Origin.Line}"),
            _ => file,
        };
        return Path.Length == 0 ? $"{place}: {Reason}" : $"{place}: {Path}: {Reason}";
    }
}
