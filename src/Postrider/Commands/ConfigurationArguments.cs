using System.CommandLine;
using Postrider.Configuration;

namespace Postrider.Commands;

/// <summary>The options by which every command finds configuration and data folder.</summary>
internal sealed class ConfigurationArguments
{
    private const string FileName = "postrider.json";

    private readonly Option<string?> config = new("--config", "-c")
    {
        Description = $"The configuration file. Unless given: {FileName} in the current folder, if there is one.",
        HelpName = "FILE",
    };

    private readonly Option<string?> data = new("--data", "-d")
    {
        Description = "The data folder, which holds queue and mailboxes. Unless given: that of the configuration, or ./data.",
        HelpName = "DIR",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(config);
        command.Options.Add(data);
    }

    /// <summary>Reads the configuration; with a mistake in it, all are printed and the command ends.</summary>
    /// <exception cref="CommandException">It cannot be read, or has mistakes.</exception>
    public PostriderConfiguration Load(ParseResult parsed, IReadOnlyList<string> listen)
    {
        var sources = new PostriderConfiguration.Sources(FileOf(parsed), parsed.GetValue(data), listen);
        PostriderConfiguration configuration;
        try
        {
            configuration = PostriderConfiguration.Load(sources, Environment.GetEnvironmentVariables());
        }
        catch (IOException e)
        {
            throw new CommandException(ExitCode.Configuration, e.Message, e);
        }
        if (configuration.Problems.Count == 0)
            return configuration;
        foreach (var problem in configuration.Problems)
            Console.Error.WriteLine(problem);
        throw new CommandException(ExitCode.Configuration, configuration.Problems.Count == 1 ? "there is a mistake in the configuration." : $"there are {configuration.Problems.Count} mistakes in the configuration.");
    }

    private string? FileOf(ParseResult parsed) =>
        parsed.GetValue(config) ?? (File.Exists(FileName) ? FileName : null);
}
