using System.Collections;
using System.Globalization;

namespace Postrider.Configuration;

/// <summary>
/// Lays environment variables over the file: <c>POSTRIDER__LIMITS__MESSAGESIZE=20MB</c> replaces
/// <c>limits.messageSize</c>. Names match without regard to case; in a list a part is an index, and
/// the index behind the last adds one; a list of plain values may be given whole, with commas.
/// </summary>
internal static class EnvironmentSettings
{
    /// <summary>What the name of every variable begins with.</summary>
    public const string Prefix = "POSTRIDER__";

    /// <summary>Lays the variables over the file.</summary>
    /// <param name="root">The file's root; it is changed in place.</param>
    /// <param name="environment">Names and values, as of <see cref="Environment.GetEnvironmentVariables()"/>.</param>
    /// <param name="mistakes">Where a variable that fits nothing is reported.</param>
    public static void Overlay(SettingsNode root, IDictionary environment, List<SettingsMistake> mistakes)
    {
        var variables = environment.Keys.Cast<string>()
            .Where(static name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.OrdinalIgnoreCase);
        foreach (var variable in variables)
        {
            var parts = variable[Prefix.Length..].Split("__");
            if (Place(root, parts, SettingsOrigin.Of(variable), (string?)environment[variable] ?? "") is { } mistake)
                mistakes.Add(mistake);
        }
    }

    private static SettingsMistake? Place(SettingsNode root, string[] parts, SettingsOrigin origin, string value)
    {
        var (node, path) = (root, "");
        for (var i = 0; i < parts.Length; i++)
        {
            var next = i == parts.Length - 1 ? new SettingsNode(SettingsKind.Text, origin, value) : null;
            switch (node.Kind)
            {
                case SettingsKind.List:
                    if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index > node.Items.Count)
                        return new SettingsMistake(path, $"\"{parts[i]}\" is not an index of this list; give a number from 0 to {node.Items.Count}.", origin);
                    next ??= index < node.Items.Count ? node.Items[index] : Branch(parts[i + 1], origin);
                    if (index == node.Items.Count)
                        node.Items.Add(next);
                    else
                        node.Items[index] = next;
                    path = SettingsPath.Item(path, index);
                    break;
                case SettingsKind.Section:
                    var at = node.Members.FindIndex(m => m.Key.Equals(parts[i], StringComparison.OrdinalIgnoreCase));
                    var name = at < 0 ? parts[i] : node.Members[at].Key;
                    next ??= at < 0 ? Branch(parts[i + 1], origin) : node.Members[at].Value;
                    if (at < 0)
                        node.Members.Add(new(name, next));
                    else
                        node.Members[at] = new(name, next);
                    path = SettingsPath.Member(path, name);
                    break;
                default:
                    return new SettingsMistake(path, $"is one value and has no \"{parts[i]}\" in it.", origin);
            }
            node = next;
        }
        return null;
    }

    private static SettingsNode Branch(string nextPart, SettingsOrigin origin) =>
        new(nextPart.All(char.IsAsciiDigit) ? SettingsKind.List : SettingsKind.Section, origin);
}
