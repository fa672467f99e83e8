using System.CommandLine;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;

namespace Postrider.Commands;

/// <summary><c>postrider fetch</c>: asks a server for the mail that waits there for our domains.</summary>
internal static class FetchCommand
{
    private static readonly ServerArguments arguments = new();

    private static readonly Option<string[]> etrn = new("--etrn")
    {
        Description = "Has the mail for these domains sent to where the server's routes say (ETRN); @DOMAIN means those below it too, #NAME a queue of that server.",
        HelpName = "DOMAIN[,DOMAIN]",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create()
    {
        var command = new Command("fetch", "Asks a server for the mail that waits there. Prints the replies and ends with 0 when all are positive, 69 when refused for good or out of reach, 75 when refused for now, 76 when the other side speaks no SMTP, 77 when it does not let the user in or have the mail.");
        arguments.AddTo(command);
        command.Options.Add(etrn);
        command.Validators.Add(static result =>
        {
            if (result.GetResult(etrn) is null)
                result.AddError("Say how: --etrn DOMAIN.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        EtrnClientExtension asked;
        try
        {
            asked = new EtrnClientExtension([.. parsed.GetValue(etrn)!.SelectMany(static text => text.Split(',', StringSplitOptions.TrimEntries))]);
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.Usage, $"--etrn: {e.Message.Split(" (Parameter", 2)[0]}", e);
        }
        var (host, server) = await arguments.ReadAsync(parsed, cancellationToken);
        await using var connection = await server.OpenAsync(asked, cancellationToken);
        foreach (var (node, reply) in asked.Replies)
        {
            foreach (var line in ServerArguments.Lines(reply))
                Console.WriteLine($"{node}: {line}");
        }
        // A server that closes in the middle has not answered for the rest.
        if (connection.Ending is not null)
            return await ServerArguments.ReportAsync(host, connection.Ending);
        await connection.QuitAsync(cancellationToken);
        return asked.Replies.Select(static one => CodeOf(one.Reply)).Aggregate(ExitCode.Ok, static (worst, code) => Gravity(code) > Gravity(worst) ? code : worst);
    }

    // 459 is a temporary code and no temporary refusal: the node is not allowed (RFC 1985 §5.3).
    private static int CodeOf(Reply reply) => reply switch
    {
        { IsPositive: true } => ExitCode.Ok,
        { Code: 459 or 530 or 535 or 550 } => ExitCode.NoPermission,
        { IsTransientFailure: true } => ExitCode.TemporaryFailure,
        _ => ExitCode.Unavailable,
    };

    private static int Gravity(int code) => code switch
    {
        ExitCode.Ok => 0,
        ExitCode.TemporaryFailure => 1,
        ExitCode.NoPermission => 2,
        _ => 3,
    };
}
