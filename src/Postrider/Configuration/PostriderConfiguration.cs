using System.Collections;
using Postrider.Hosting;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Reception;

namespace Postrider.Configuration;

/// <summary>
/// The configuration of one run: the file, the environment over it, the command line over both. All
/// mistakes are found in one go, each with its path and line.
/// </summary>
internal sealed class PostriderConfiguration
{
    private PostriderConfiguration(Sources from, List<string> problems, MailServerOptions mail, SmtpServerOptions server, PeopleFiles people)
    {
        From = from;
        Problems = problems;
        Mail = mail;
        Server = server;
        People = people;
    }

    /// <summary>Where it was read.</summary>
    public Sources From { get; }

    /// <summary>The file, as it was named, or null for the sandbox without one.</summary>
    public string? File => From.File;

    /// <summary>Each mistake in one line; empty where the configuration is right.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>What is no mistake and should be known, each in one line.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>Spool, routes and retries.</summary>
    public MailServerOptions Mail { get; }

    /// <summary>Reception.</summary>
    public SmtpServerOptions Server { get; }

    /// <summary>The files that say who is here.</summary>
    public PeopleFiles People { get; }

    /// <summary>The file and what may replace parts of it.</summary>
    /// <param name="File">The configuration file, or null.</param>
    /// <param name="Data">The data folder of the command line, or null.</param>
    /// <param name="Listen">The addresses of the command line, as <c>address:port</c>; empty for those of the configuration.</param>
    public sealed record Sources(string? File, string? Data, IReadOnlyList<string> Listen);

    /// <summary>Reads and checks the configuration.</summary>
    /// <param name="sources">Where it comes from.</param>
    /// <param name="environment">The environment variables.</param>
    /// <exception cref="IOException">The file cannot be read; the message says why.</exception>
    public static PostriderConfiguration Load(Sources sources, IDictionary environment)
    {
        var mistakes = new List<SettingsMistake>();
        var root = sources.File is null
            ? new SettingsNode(SettingsKind.Section, default)
            : SettingsDocument.Read(ReadFile(sources.File), mistakes);
        // Nothing behind broken syntax is known: more reports would only be guesses.
        var isBroken = mistakes.Exists(static m => m.Path.Length == 0);
        EnvironmentSettings.Overlay(root, environment, mistakes);

        var mail = new MailServerOptions();
        var server = new SmtpServerOptions();
        if (sources.File is null)
            SandboxDefaults.Apply(mail, server);
        var section = new SettingsSection(root, "", mistakes);
        var people = new PeopleFiles { Folder = sources.File is null ? "" : Path.GetDirectoryName(Path.GetFullPath(sources.File))! };
        SettingsBinding.Bind(section, mail, server, people);
        section.Close();
        if (sources.File is not null && sources.Data is null)
            mail.DataFolder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(sources.File))!, mail.DataFolder);
        if (sources.File is not null)
        {
            PlaceFiles(Path.GetDirectoryName(Path.GetFullPath(sources.File))!, mail);
            TakePathsFrom(Path.GetDirectoryName(Path.GetFullPath(sources.File))!, server.Tls);
        }
        ApplyCommandLine(sources, mail, server, mistakes);
        if (people.IsNamed)
            mail.People = people.Read(mistakes);

        List<string> warnings = [];
        if (!isBroken)
        {
            var check = new MailServerOptionsCheck();
            check.Freeze(mail, server);
            var origins = new SettingsOrigins(root);
            warnings = [.. check.Warnings.Select(found => new SettingsMistake(found.Path, found.Reason, origins.Of(found.Path)).ToString(sources.File ?? "configuration"))];
            // Where a value could not be read, what the check says of its default would mislead.
            mistakes.AddRange(check.Mistakes
                .Where(found => !mistakes.Exists(read => read.Path.StartsWith(found.Path, StringComparison.Ordinal) || IsDestination(read.Path, found.Path)))
                .Select(found => people.Place(found) ?? new SettingsMistake(found.Path, found.Reason, origins.Of(found.Path)))
                .ToList());
        }
        var problems = mistakes
            .OrderBy(static m => m.Origin.Line == 0 ? int.MaxValue : m.Origin.Line)
            .Select(m => m.ToString(sources.File ?? "configuration"))
            .ToList();
        return new PostriderConfiguration(sources, problems, mail, server, people) { Warnings = warnings };
    }

    /// <summary>Reads who is here again, and puts it in <see cref="Mail"/>, unless there is a mistake in it.</summary>
    /// <returns>Each mistake in one line; empty where there is none.</returns>
    public IReadOnlyList<string> ReadPeopleAgain()
    {
        var mistakes = new List<SettingsMistake>();
        var before = Mail.People;
        Mail.People = People.Read(mistakes);
        var check = new MailServerOptionsCheck();
        if (mistakes.Count == 0)
            check.Freeze(Mail, Server);
        mistakes.AddRange(check.Mistakes.Select(found => People.Place(found) ?? new SettingsMistake(found.Path, found.Reason)));
        if (mistakes.Count > 0)
            Mail.People = before;
        return [.. mistakes.Select(mistake => mistake.ToString(From.File ?? "configuration"))];
    }

    // As the data folder, files count from the folder of the configuration.
    private static void PlaceFiles(string folder, MailServerOptions mail)
    {
        string? Placed(string? file) => file is null ? null : Path.Combine(folder, file);
        foreach (var route in mail.Routes.Values.Append(mail.Smarthost))
        {
            route.Authorities = [.. route.Authorities.Select(file => Placed(file)!)];
            route.Certificate = Placed(route.Certificate);
            route.Key = Placed(route.Key);
            route.PasswordFile = Placed(route.PasswordFile);
            if (route.OAuth is not null)
                route.OAuth.ClientSecretFile = Placed(route.OAuth.ClientSecretFile);
        }
    }

    // A relative path counts from the folder of the configuration file.
    private static void TakePathsFrom(string folder, TlsOptions tls)
    {
        foreach (var pair in tls.Certificates)
        {
            pair.Certificate = pair.Certificate.Length == 0 ? "" : Path.Combine(folder, pair.Certificate);
            pair.Key = pair.Key.Length == 0 ? "" : Path.Combine(folder, pair.Key);
        }
        tls.ClientAuthorities = tls.ClientAuthorities is null ? null : Path.Combine(folder, tls.ClientAuthorities);
    }

    // "Nowhere to go" is said of localDomains, and is not known while another place for mail cannot be read.
    private static bool IsDestination(string read, string found) =>
        found == "localDomains" && (read.StartsWith("routes", StringComparison.Ordinal) || read.StartsWith("smarthost", StringComparison.Ordinal));

    private static byte[] ReadFile(string file)
    {
        try
        {
            return System.IO.File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"{file}: there is no such file.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{file}: this user may not read it.", e);
        }
    }

    private static void ApplyCommandLine(Sources sources, MailServerOptions mail, SmtpServerOptions server, List<SettingsMistake> mistakes)
    {
        if (sources.Data is not null)
            mail.DataFolder = sources.Data;
        if (sources.Listen.Count == 0)
            return;
        server.Listeners.Clear();
        foreach (var text in sources.Listen)
        {
            if (System.Net.IPEndPoint.TryParse(text, out var endPoint) && text.EndsWith($":{endPoint.Port}", StringComparison.Ordinal))
                server.Listeners.Add(new ListenerOptions { Address = endPoint.Address.ToString(), Port = endPoint.Port });
            else
                mistakes.Add(new SettingsMistake("", $"\"{text}\" is not an address with a port; give one such as 127.0.0.1:2525 or [::1]:2525.", SettingsOrigin.Of("--listen")));
        }
    }
}
