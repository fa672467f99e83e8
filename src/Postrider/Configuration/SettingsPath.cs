using System.Globalization;

namespace Postrider.Configuration;

/// <summary>Writes the path of a value as messages show it: <c>listeners[0].port</c>, <c>routes["a.example"]</c>.</summary>
internal static class SettingsPath
{
    public static string Member(string parent, string name)
    {
        if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            return $"{parent}[\"{name}\"]";
        return parent.Length == 0 ? name : $"{parent}.{name}";
    }

    public static string Item(string parent, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]");
}
