using System.Globalization;
using System.Net;
using System.Reflection;
using Postrider.Configuration;
using Spectre.Console;

namespace Postrider.Serving;

/// <summary>The few lines with which the server starts: where it listens, where mail goes, how to try it.</summary>
internal static class Greeting
{
    /// <summary>The program's version.</summary>
    public static string Version { get; } = typeof(Greeting).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Prints them.</summary>
    public static void Print(bool isTerminal, PostriderConfiguration configuration, IReadOnlyList<(IPEndPoint EndPoint, int Listener)> listening)
    {
        var title = $"Postrider {Version}{(configuration.Mail.Sandbox is null ? "" : ", sandbox: takes mail for anybody and sends nothing out")}";
        if (isTerminal)
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{title}[/]");
        else
            Console.WriteLine(title);
        foreach (var line in Lines(configuration, listening))
            Console.WriteLine(line);
    }

    /// <summary>The lines behind the first.</summary>
    public static IEnumerable<string> Lines(PostriderConfiguration configuration, IReadOnlyList<(IPEndPoint EndPoint, int Listener)> listening)
    {
        if (configuration.File is not null)
            yield return $"  config     {Path.GetFullPath(configuration.File)}";
        var kinds = listening.GroupBy(one => ConfigurationSummary.Kind(configuration.Server.Listeners[one.Listener], configuration.Server), static one => one.EndPoint, StringComparer.Ordinal);
        yield return $"  listens    {string.Join(", ", kinds.Select(static kind => $"{string.Join(" and ", kind)} ({kind.Key})"))}";
        foreach (var line in ConfigurationSummary.Destinations(configuration))
            yield return line;
        if (configuration.Mail.Sandbox is not null)
        {
            yield return "  logins     none needed; any user is let in with any password or token";
            yield return $"  try        {Self()} send --to you@example.com{ServerOption(listening)}";
        }
        yield return "  stop       Ctrl+C";
    }

    private static string ServerOption(IReadOnlyList<(IPEndPoint EndPoint, int Listener)> listening)
    {
        var reached = listening.FirstOrDefault(static one => one.EndPoint.Address.Equals(IPAddress.Loopback), listening[0]).EndPoint;
        return reached.Port == SandboxDefaults.Port && reached.Address.Equals(IPAddress.Loopback) ? "" : $" --server {reached}";
    }

    // How this program is called from the current folder, however it was started.
    private static string Self()
    {
        var program = Environment.ProcessPath!;
        if (!Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            return Shortest(program);
        return $"dotnet {Shortest(Path.Combine(AppContext.BaseDirectory, "postrider.dll"))}";
    }

    private static string Shortest(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        var shortest = relative.Length < path.Length && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
        shortest = shortest.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? shortest : Path.Combine(".", shortest);
        return shortest.Contains(' ', StringComparison.Ordinal) ? $"\"{shortest}\"" : shortest;
    }
}
