namespace Postrider.Configuration;

/// <summary>What a value of the configuration file is.</summary>
internal enum SettingsKind
{
    Section,
    List,
    Text,
    Number,
    Boolean,
    Null,
}

/// <summary>Where a value came from.</summary>
/// <param name="Line">The line of the file, from 1, or 0.</param>
/// <param name="Variable">The environment variable, or null.</param>
/// <param name="File">The file, where it is not that of the configuration.</param>
internal readonly record struct SettingsOrigin(int Line, string? Variable = null, string? File = null)
{
    public static SettingsOrigin Of(string variable) => new(0, variable);
}

/// <summary>
/// One value of the configuration with the place it came from, so that each mistake can be reported
/// where it was made: a line of the file, or the name of an environment variable.
/// </summary>
internal sealed class SettingsNode(SettingsKind kind, SettingsOrigin origin, string text = "")
{
    /// <summary>What it is.</summary>
    public SettingsKind Kind { get; } = kind;

    /// <summary>Where it came from.</summary>
    public SettingsOrigin Origin { get; } = origin;

    /// <summary>The text of a scalar: a string's content, a number's digits, true or false.</summary>
    public string Text { get; } = text;

    /// <summary>The members of a section in the order of the file.</summary>
    public List<KeyValuePair<string, SettingsNode>> Members { get; } = [];

    /// <summary>The items of a list.</summary>
    public List<SettingsNode> Items { get; } = [];

    /// <summary>Whether it came from an environment variable, where all values are texts.</summary>
    public bool IsFromEnvironment => Origin.Variable is not null;

    /// <summary>The member of that name, or null. Only the names of environment variables may differ in case.</summary>
    public SettingsNode? Find(string name)
    {
        foreach (var (key, node) in Members)
        {
            if (key.Equals(name, node.IsFromEnvironment ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
                return node;
        }
        return null;
    }

    /// <summary>How a message names what was found.</summary>
    public string Describe() => Kind switch
    {
        SettingsKind.Section => "a section { … }",
        SettingsKind.List => "a list [ … ]",
        SettingsKind.Text => $"\"{Text}\"",
        _ => Text,
    };
}
