using System.CommandLine;

namespace Postrider.Commands;

/// <summary>Runs a parsed command line; what is wrong with it is said in one line each, with exit code 64.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(RootCommand program, string[] args)
    {
        // An argument that begins with @ is one, such as a domain of senders, and names no file of arguments.
        var parsed = program.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors.Select(static error => error.Message).Distinct(StringComparer.Ordinal))
                await Console.Error.WriteLineAsync($"postrider: {error}");
            await Console.Error.WriteLineAsync($"Try: postrider{CommandsOf(parsed)} --help");
            return ExitCode.Usage;
        }
        try
        {
            // Signals are serve's own matter; the other commands end at once, as any program does.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (CommandException failure)
        {
            await Console.Error.WriteLineAsync($"postrider: {failure.Message}");
            return failure.ExitCode;
        }
    }

    private static string CommandsOf(ParseResult parsed)
    {
        var names = "";
        for (var command = parsed.CommandResult; command.Parent is System.CommandLine.Parsing.CommandResult parent; command = parent)
            names = $" {command.Command.Name}{names}";
        return names;
    }
}
