using System.CommandLine;
using Postrider.Configuration;
using Postrider.Serving;

namespace Postrider.Commands;

/// <summary><c>postrider serve</c>: runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    private static readonly ConfigurationArguments arguments = new();

    private static readonly Option<string[]> listen = new("--listen", "-l")
    {
        Description = "Where to take mail, instead of where the configuration says; may be given several times. Port 0 takes a free one.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = static _ => [],
    };

    public static Command Create()
    {
        var command = new Command("serve", "Receives, keeps and delivers mail until it is stopped (SIGTERM, Ctrl+C). This is the default.");
        MakeActionOf(command);
        return command;
    }

    /// <summary>Serves when no command is named.</summary>
    public static void MakeDefaultOf(RootCommand program) => MakeActionOf(program);

    private static void MakeActionOf(Command command)
    {
        arguments.AddTo(command);
        command.Options.Add(listen);
        command.SetAction((parsed, _) => RunAsync(arguments.Load(parsed, parsed.GetValue(listen) ?? [])));
    }

    private static Task<int> RunAsync(PostriderConfiguration configuration) => ServerProgram.RunAsync(configuration);
}
