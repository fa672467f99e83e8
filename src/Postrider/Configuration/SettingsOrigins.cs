namespace Postrider.Configuration;

/// <summary>Finds where the value of a path was written, or what it stands in where it was not written.</summary>
internal sealed class SettingsOrigins
{
    private readonly Dictionary<string, SettingsOrigin> origins = new(StringComparer.Ordinal);

    /// <summary>Notes the places of all values below a root.</summary>
    public SettingsOrigins(SettingsNode root) => Note("", root);

    /// <summary>The place of the value, or of the nearest section or list around it that was written.</summary>
    public SettingsOrigin Of(string path)
    {
        while (path.Length > 0)
        {
            if (origins.TryGetValue(path, out var origin))
                return origin;
            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }
        return default;
    }

    private void Note(string path, SettingsNode node)
    {
        if (path.Length > 0)
            origins[path] = node.Origin;
        foreach (var (name, member) in node.Members)
            Note(SettingsPath.Member(path, name), member);
        for (var i = 0; i < node.Items.Count; i++)
            Note(SettingsPath.Item(path, i), node.Items[i]);
    }
}
