using System.CommandLine;
using System.Globalization;
using Postrider.Hosting;
using Postrider.Smtp.Client;

namespace Postrider.Commands;

/// <summary><c>postrider ask</c>: puts a question to a server by HELP, VRFY or EXPN, and prints its reply.</summary>
internal static class AskCommand
{
    private static readonly Argument<string> server = new("host") { Description = "The server, as HOST or HOST:PORT.", HelpName = "HOST" };

    private static readonly Argument<string[]> words = new("words") { Description = "A command, a user or mailbox, a list.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };

    private static readonly Option<string?> ehlo = new("--ehlo") { Description = "The name to say in EHLO. Unless given: this machine's.", HelpName = "NAME" };

    private static readonly Option<bool> showDialogue = new("--show-dialogue") { Description = "Prints what is said, as it is said." };

    private static readonly Argument<string> question = new("question") { Description = "help [COMMAND], vrfy NAME or expn LIST.", HelpName = "help|vrfy|expn" };

    public static Command Create()
    {
        var command = new Command("ask", "Asks a server: help, vrfy NAME, expn LIST. Prints the reply and ends with 0 for a positive one, 69 for a permanent refusal, 75 for a temporary one, 76 when the other side speaks no SMTP.")
        {
            server, question, words, ehlo, showDialogue,
        };
        SendTerms.AddTo(command);
        question.AcceptOnlyFromAmong("help", "vrfy", "expn");
        command.Validators.Add(static result =>
        {
            if (result.GetValue(question) is { } asked && asked != "help" && result.GetValue(words) is null or [])
                result.AddError($"Say of whom: {asked} NAME.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (!HostNames.TryParseHost(parsed.GetValue(server)!, out var host))
            throw new CommandException(ExitCode.Usage, $"\"{parsed.GetValue(server)}\" is not a host; give one such as mx.example.net or 127.0.0.1:2525.");
        AskedCommand asked;
        try
        {
            asked = new AskedCommand(parsed.GetValue(question)!.ToUpperInvariant(), string.Join(' ', parsed.GetValue(words) ?? []));
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.Usage, "the name has a control character in it.", e);
        }
        var terms = await SendTerms.ReadAsync(parsed, host, cancellationToken);
        var to = new ServerConnection(host, terms, parsed.GetValue(ehlo) ?? HostNames.OfThisMachine(), parsed.GetValue(showDialogue));
        await using var connection = await to.OpenAsync(asked, cancellationToken);
        if (asked.Reply is not { } reply)
        {
            var ending = connection.Ending;
            await Console.Error.WriteLineAsync($"postrider: {host}: {(ending is null ? "no reply" : ending.ReplyCode == 0 ? ending.Text : string.Create(CultureInfo.InvariantCulture, $"{ending.ReplyCode} {ending.Enhanced} {ending.Text}"))}");
            return ending is null ? ExitCode.Protocol : ServerConnection.CodeOf(ending);
        }
        await connection.QuitAsync(cancellationToken);
        foreach (var line in reply.Lines)
            Console.WriteLine(Safe(string.Create(CultureInfo.InvariantCulture, $"{reply.Code} {(reply.Enhanced.IsNone ? "" : $"{reply.Enhanced} ")}{line}")));
        return reply.IsPositive ? ExitCode.Ok : reply.IsTransientFailure ? ExitCode.TemporaryFailure : ExitCode.Unavailable;
    }

    // What came from a server does not speak to the terminal.
    private static string Safe(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? '?' : c));
}
