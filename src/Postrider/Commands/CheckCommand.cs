using System.CommandLine;
using Postrider.Configuration;

namespace Postrider.Commands;

/// <summary><c>postrider check</c>: reads the configuration as serve would, and says what it found.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check", "Checks the configuration: every mistake with its place, or what it means.");
        var arguments = new ConfigurationArguments();
        arguments.AddTo(command);
        command.SetAction(parsed => Run(arguments.Load(parsed, [])));
        return command;
    }

    private static int Run(PostriderConfiguration configuration)
    {
        Console.WriteLine($"{configuration.File ?? "no configuration file: the sandbox"}: no mistakes.");
        foreach (var warning in configuration.Warnings)
            Console.WriteLine($"warning: {warning}");
        foreach (var line in ConfigurationSummary.Lines(configuration))
            Console.WriteLine(line);
        return ExitCode.Ok;
    }
}
