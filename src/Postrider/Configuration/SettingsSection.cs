using System.Globalization;
using Postrider.Hosting.Admission;

namespace Postrider.Configuration;

/// <summary>
/// Reads the members of one section, each by its name and type. What is wrong is noted and the
/// default kept, so that one run reports every mistake; <see cref="Close"/> reports the names that
/// nobody asked for.
/// </summary>
internal sealed class SettingsSection(SettingsNode node, string path, List<SettingsMistake> mistakes)
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    /// <summary>The path of a member.</summary>
    public string PathOf(string name) => SettingsPath.Member(path, name);

    /// <summary>Notes a mistake in a member.</summary>
    public void Report(string name, string reason) =>
        mistakes.Add(new SettingsMistake(PathOf(name), reason, node.Find(name)?.Origin ?? node.Origin));

    /// <summary>Reads a text.</summary>
    public void Text(string name, Action<string> set)
    {
        if (Find(name) is { } value && Scalar(value, PathOf(name), "a text in quotes", SettingsKind.Text) is { } text)
            set(text);
    }

    /// <summary>Reads a text that no report shows.</summary>
    public void Secret(string name, Action<string> set)
    {
        if (Find(name) is not { } value)
            return;
        if (value is { Kind: SettingsKind.Text, Text.Length: > 0 })
            set(value.Text);
        else
            Report(name, "is not a text in quotes.");
    }

    /// <summary>Reads a whole number.</summary>
    public void Integer(string name, Action<int> set) =>
        Parsed(name, "a whole number", static (string text, out int number) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number), set, SettingsKind.Number);

    /// <summary>Reads a size in octets.</summary>
    public void Size(string name, Action<long> set) =>
        Parsed(name, Quantities.SizeForm, Quantities.TryParseSize, set, SettingsKind.Text, SettingsKind.Number);

    /// <summary>Reads a length of time.</summary>
    public void Duration(string name, Action<TimeSpan> set) =>
        Parsed(name, Quantities.DurationForm, Quantities.TryParseDuration, set, SettingsKind.Text);

    /// <summary>Reads a rate.</summary>
    public void Rate(string name, Action<RateLimit> set) =>
        Parsed(name, Quantities.RateForm, Quantities.TryParseRate, set, SettingsKind.Text);

    /// <summary>Reads a list of lengths of time.</summary>
    public void Durations(string name, Action<IReadOnlyList<TimeSpan>> set)
    {
        if (Find(name) is not { } value || ReadTexts(value, PathOf(name)) is not { } texts)
            return;
        var durations = new List<TimeSpan>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (Quantities.TryParseDuration(texts[i], out var duration))
                durations.Add(duration);
            else
                Wrong(value.Items.Count > i ? value.Items[i] : value, SettingsPath.Item(PathOf(name), i), Quantities.DurationForm);
        }
        if (durations.Count == texts.Count)
            set(durations);
    }

    /// <summary>Reads a section within this one.</summary>
    public void Section(string name, Action<SettingsSection> read)
    {
        if (Find(name) is { } value)
            ReadSection(value, PathOf(name), read);
    }

    /// <summary>Reads a list of sections, which replaces the default one.</summary>
    public void Sections(string name, Action clear, Action<SettingsSection> read)
    {
        if (Find(name) is not { } value)
            return;
        clear();
        if (value.Kind != SettingsKind.List)
        {
            Wrong(value, PathOf(name), "a list of sections [ { … } ]");
            return;
        }
        for (var i = 0; i < value.Items.Count; i++)
            ReadSection(value.Items[i], SettingsPath.Item(PathOf(name), i), read);
    }

    /// <summary>Reads a section whose names are data, each with a section of its own.</summary>
    public void SectionMap(string name, Action<string, SettingsSection> read)
    {
        if (Find(name) is not { } value)
            return;
        if (value.Kind != SettingsKind.Section)
        {
            Wrong(value, PathOf(name), "a section { … }");
            return;
        }
        foreach (var (key, item) in value.Members)
            ReadSection(item, SettingsPath.Member(PathOf(name), key), section => read(key, section));
    }

    /// <summary>Reads a section whose names are data, each with a list of texts.</summary>
    public void TextsMap(string name, Action<string, IReadOnlyList<string>> add)
    {
        if (Find(name) is not { } value)
            return;
        if (value.Kind != SettingsKind.Section)
        {
            Wrong(value, PathOf(name), "a section { … }");
            return;
        }
        foreach (var (key, item) in value.Members)
        {
            if (ReadTexts(item, SettingsPath.Member(PathOf(name), key)) is { } texts)
                add(key, texts);
        }
    }

    /// <summary>Reads a list of texts; a single text counts as a list of one.</summary>
    public void Texts(string name, Action<IReadOnlyList<string>> set)
    {
        if (Find(name) is { } value && ReadTexts(value, PathOf(name)) is { } texts)
            set(texts);
    }

    /// <summary>Reads yes or no.</summary>
    public void Flag(string name, Action<bool> set)
    {
        if (Find(name) is not { } value || Scalar(value, PathOf(name), "true or false", SettingsKind.Boolean) is not { } text)
            return;
        if (bool.TryParse(text, out var flag))
            set(flag);
        else
            Wrong(value, PathOf(name), "true or false");
    }

    /// <summary>Reads a list of texts, or a section in its place.</summary>
    /// <param name="name">The name.</param>
    /// <param name="read">Makes a value of the texts or the section, whichever is not null.</param>
    /// <param name="set">Takes the value.</param>
    public void TextsOrSection<T>(string name, Func<IReadOnlyList<string>?, SettingsSection?, T> read, Action<T> set)
    {
        if (Find(name) is { } value)
            ReadTextsOrSection(value, PathOf(name), read, set);
    }

    /// <summary>Reads a section whose names are data, each with a list of texts or a section.</summary>
    /// <param name="name">The name.</param>
    /// <param name="read">Makes a value of the texts or the section, whichever is not null.</param>
    /// <param name="add">Takes each name with its value.</param>
    public void Map<T>(string name, Func<IReadOnlyList<string>?, SettingsSection?, T> read, Action<string, T> add)
    {
        if (Find(name) is not { } value)
            return;
        if (value.Kind != SettingsKind.Section)
        {
            Wrong(value, PathOf(name), "a section { … }");
            return;
        }
        foreach (var (key, item) in value.Members)
            ReadTextsOrSection(item, SettingsPath.Member(PathOf(name), key), read, made => add(key, made));
    }

    /// <summary>Reports every name that was not asked for.</summary>
    public void Close()
    {
        foreach (var (name, value) in node.Members)
        {
            if (known.Contains(name) || (value.IsFromEnvironment && known.Contains(name, StringComparer.OrdinalIgnoreCase)))
                continue;
            var meant = Spelling.Nearest(name, known);
            var hint = meant is null ? $"known here: {string.Join(", ", known)}." : $"did you mean \"{meant}\"?";
            mistakes.Add(new SettingsMistake(PathOf(name), $"is not a setting; {hint}", value.Origin));
        }
    }

    private SettingsNode? Find(string name)
    {
        known.Add(name);
        return node.Find(name);
    }

    private void ReadSection(SettingsNode value, string valuePath, Action<SettingsSection> read)
    {
        if (value.Kind != SettingsKind.Section)
        {
            Wrong(value, valuePath, "a section { … }");
            return;
        }
        var section = new SettingsSection(value, valuePath, mistakes);
        read(section);
        section.Close();
    }

    private void ReadTextsOrSection<T>(SettingsNode value, string valuePath, Func<IReadOnlyList<string>?, SettingsSection?, T> read, Action<T> set)
    {
        if (value.Kind == SettingsKind.Section)
            ReadSection(value, valuePath, section => set(read(null, section)));
        else if (ReadTexts(value, valuePath) is { } texts)
            set(read(texts, null));
    }

    private List<string>? ReadTexts(SettingsNode value, string valuePath)
    {
        const string Form = "a text in quotes, or a list of them";
        switch (value.Kind)
        {
            case SettingsKind.Text when value.IsFromEnvironment:
                return [.. value.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
            case SettingsKind.Text:
                return [value.Text];
            case SettingsKind.List:
                var texts = new List<string>();
                for (var i = 0; i < value.Items.Count; i++)
                {
                    // A wrong item keeps its place, so that the index in later messages is the file's.
                    texts.Add(Scalar(value.Items[i], SettingsPath.Item(valuePath, i), "a text in quotes", SettingsKind.Text) ?? "");
                }
                return texts.Contains("") ? null : texts;
            default:
                Wrong(value, valuePath, Form);
                return null;
        }
    }

    private delegate bool Parser<T>(string text, out T value);

    private void Parsed<T>(string name, string form, Parser<T> parse, Action<T> set, params ReadOnlySpan<SettingsKind> kinds)
    {
        if (Find(name) is not { } value || Scalar(value, PathOf(name), form, kinds) is not { } text)
            return;
        if (parse(text, out var parsed))
            set(parsed);
        else
            Wrong(value, PathOf(name), form);
    }

    private string? Scalar(SettingsNode value, string valuePath, string form, params ReadOnlySpan<SettingsKind> kinds)
    {
        if (value.Kind == SettingsKind.Text && value.Text.Length == 0)
            mistakes.Add(new SettingsMistake(valuePath, $"is empty; give {form}, or remove it for the default.", value.Origin));
        else if (kinds.Contains(value.Kind) || (value is { IsFromEnvironment: true, Kind: SettingsKind.Text }))
            return value.Text;
        else
            Wrong(value, valuePath, form);
        return null;
    }

    private void Wrong(SettingsNode value, string valuePath, string form) =>
        mistakes.Add(new SettingsMistake(valuePath, $"{value.Describe()} is not {form}.", value.Origin));
}
