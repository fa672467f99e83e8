using System.CommandLine;
using Postrider.Control;

namespace Postrider.Commands;

/// <summary><c>postrider terminal</c>: shows what others send to a user by SEND, SOML and SAML, until it is ended.</summary>
internal static class TerminalCommand
{
    private static readonly ConfigurationArguments arguments = new();

    private static readonly Argument<string> user = new("user") { Description = "Whose messages to show: the local part of the mailbox.", HelpName = "USER" };

    public static Command Create()
    {
        var command = new Command("terminal", "Shows the messages that others send to a user's terminal (SEND, SOML, SAML), until it is ended. Ends with 75 when the server stops.") { user };
        arguments.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(arguments.Load(parsed, []).Mail.DataFolder);
        var name = parsed.GetValue(user)!;
        try
        {
            using var server = ControlSocket.Connect(ControlSocket.PathIn(folder));
            using var response = await server.GetAsync($"/terminal/{Uri.EscapeDataString(name)}", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
            await using var messages = await response.Content.ReadAsStreamAsync(cancellationToken);
            await Console.Error.WriteAsync($"postrider: messages for {name} are shown here, until this is ended.\r\n");
            await using var output = Console.OpenStandardOutput();
            await messages.CopyToAsync(output, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CommandException(ExitCode.TemporaryFailure, $"the server of {folder} does not answer: {e.Message}", e);
        }
        await Console.Error.WriteLineAsync("postrider: the server has stopped.");
        return ExitCode.TemporaryFailure;
    }
}
