using System.CommandLine;
using Postrider.Smtp.Client;

namespace Postrider.Commands;

/// <summary><c>postrider ask</c>: puts a question to a server by HELP, VRFY or EXPN, and prints its reply.</summary>
internal static class AskCommand
{
    private static readonly ServerArguments arguments = new();

    private static readonly Argument<string[]> words = new("words") { Description = "A command, a user or mailbox, a list.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };

    private static readonly Argument<string> question = new("question") { Description = "help [COMMAND], vrfy NAME or expn LIST.", HelpName = "help|vrfy|expn" };

    public static Command Create()
    {
        var command = new Command("ask", "Asks a server: help, vrfy NAME, expn LIST. Prints the reply and ends with 0 for a positive one, 69 for a permanent refusal, 75 for a temporary one, 76 when the other side speaks no SMTP.");
        arguments.AddTo(command);
        command.Arguments.Add(question);
        command.Arguments.Add(words);
        command.Validators.Add(static result =>
        {
            var asked = result.GetValue(question);
            if (asked is not (null or "help" or "vrfy" or "expn"))
                result.AddError($"There is no question \"{asked}\": ask for help, vrfy NAME or expn LIST.");
            else if (asked is "vrfy" or "expn" && result.GetValue(words) is null or [])
                result.AddError($"Say of whom: {asked} NAME.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        AskedCommand asked;
        try
        {
            asked = new AskedCommand(parsed.GetValue(question)!.ToUpperInvariant(), string.Join(' ', parsed.GetValue(words) ?? []));
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.Usage, "the name has a control character in it.", e);
        }
        var (host, server) = await arguments.ReadAsync(parsed, cancellationToken);
        await using var connection = await server.OpenAsync(asked, cancellationToken);
        if (asked.Reply is not { } reply)
        {
            return asked.IsNotAscii && connection.Ending is null
                ? throw new CommandException(ExitCode.Unavailable, $"{host}: the question is not ASCII, and the server does not take such ones (SMTPUTF8).")
                : await ServerArguments.ReportAsync(host, connection.Ending);
        }
        await connection.QuitAsync(cancellationToken);
        foreach (var line in ServerArguments.Lines(reply))
            Console.WriteLine(line);
        return reply.IsPositive ? ExitCode.Ok : reply.IsTransientFailure ? ExitCode.TemporaryFailure : ExitCode.Unavailable;
    }
}
