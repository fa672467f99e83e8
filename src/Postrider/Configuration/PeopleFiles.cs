using System.Globalization;
using System.Text;
using Postrider.Delivery.People;
using Postrider.Hosting;
using Postrider.Hosting.People;

namespace Postrider.Configuration;

/// <summary>
/// The files that say who is here: one with users, lists and the rest, and classic files of aliases. Read again when
/// one of them changes; each mistake has its file and line.
/// </summary>
internal sealed class PeopleFiles
{
    private const int LargestFile = 64_000_000;

    private readonly Dictionary<string, DateTime> stamps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Name, SettingsOrigin Origin)> aliasOrigins = new(StringComparer.Ordinal);
    private SettingsOrigins? origins;

    /// <summary>The file with users and lists, or null.</summary>
    public string? File { get; set; }

    /// <summary>The files of aliases.</summary>
    public IReadOnlyList<string> Aliases { get; set; } = [];

    /// <summary>The folder that relative paths count from.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Whether there is any.</summary>
    public bool IsNamed => File is not null || Aliases.Count > 0;

    /// <summary>Whether one of the files that were read is another one now.</summary>
    public bool HaveChanged() => stamps.Any(static read => StampOf(read.Key) != read.Value);

    /// <summary>Reads them.</summary>
    /// <param name="mistakes">Where mistakes go.</param>
    public PeopleOptions Read(List<SettingsMistake> mistakes)
    {
        stamps.Clear();
        aliasOrigins.Clear();
        origins = null;
        var people = new PeopleOptions();
        if (File is not null)
            ReadPeople(File, people, mistakes);
        foreach (var file in Aliases)
            ReadAliases(file, people, mistakes);
        return people;
    }

    /// <summary>A mistake that a check found, with the place in these files, or null where it is about something else.</summary>
    public SettingsMistake? Place(OptionsMistake mistake)
    {
        const string Root = "people.";
        if (!mistake.Path.StartsWith(Root, StringComparison.Ordinal))
            return null;
        for (var path = mistake.Path; path.Length > Root.Length; path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))])
        {
            if (aliasOrigins.TryGetValue(path, out var alias))
                return new SettingsMistake(alias.Name, mistake.Reason, alias.Origin);
        }
        var inFile = mistake.Path[Root.Length..];
        return new SettingsMistake(inFile, mistake.Reason, (origins?.Of(inFile) ?? default) with { File = File });
    }

    private void ReadPeople(string file, PeopleOptions people, List<SettingsMistake> mistakes)
    {
        if (ReadFile(file, mistakes) is not { } octets)
            return;
        var found = new List<SettingsMistake>();
        var root = SettingsDocument.Read(octets, found);
        var section = new SettingsSection(root, "", found);
        SettingsBinding.BindPeople(section, people);
        section.Close();
        origins = new SettingsOrigins(root);
        mistakes.AddRange(found.Select(mistake => mistake with { Origin = mistake.Origin with { File = file } }));
    }

    private void ReadAliases(string file, PeopleOptions people, List<SettingsMistake> mistakes)
    {
        if (ReadFile(file, mistakes) is not { } octets)
            return;
        var found = new List<(int Line, string Reason)>();
        foreach (var alias in AliasesFile.Parse(Encoding.UTF8.GetString(octets), name => Include(file, name), found))
        {
            var origin = new SettingsOrigin(alias.Line, File: file);
            if (!people.Aliases.TryAdd(alias.Name, alias.Targets))
                mistakes.Add(new SettingsMistake(alias.Name, "is an alias already; remove one of them.", origin));
            else
                aliasOrigins.TryAdd($"people.{SettingsPath.Member("aliases", alias.Name)}", (alias.Name, origin));
        }
        foreach (var (line, reason) in found)
            mistakes.Add(new SettingsMistake("", reason, new SettingsOrigin(line, File: file)));
    }

    private string Include(string aliases, string name)
    {
        var mistakes = new List<SettingsMistake>();
        var octets = ReadFile(Path.Combine(Path.GetDirectoryName(FullPath(aliases))!, name), mistakes);
        return octets is null ? throw new IOException($"{name} {mistakes[0].Reason}") : Encoding.UTF8.GetString(octets);
    }

    private byte[]? ReadFile(string file, List<SettingsMistake> mistakes)
    {
        var path = FullPath(file);
        // Before it is read: what changes meanwhile is read again.
        stamps[path] = StampOf(path);
        var reason = "cannot be read.";
        try
        {
            if (new FileInfo(path).Length <= LargestFile)
                return System.IO.File.ReadAllBytes(path);
            reason = string.Create(CultureInfo.InvariantCulture, $"is longer than {LargestFile} octets.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            reason = "there is no such file.";
        }
        catch (UnauthorizedAccessException)
        {
            reason = "this user may not read it.";
        }
        catch (IOException e)
        {
            reason = e.Message;
        }
        mistakes.Add(new SettingsMistake("", reason, new SettingsOrigin(0, File: file)));
        return null;
    }

    private string FullPath(string file) => Path.GetFullPath(Path.Combine(Folder, file));

    // A file that is not there has a time of its own, too.
    private static DateTime StampOf(string path) => System.IO.File.GetLastWriteTimeUtc(path);
}
