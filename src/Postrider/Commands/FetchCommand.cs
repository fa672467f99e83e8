using System.CommandLine;
using Postrider.Hosting;
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

    private static readonly Option<bool> turn = new("--turn")
    {
        Description = "Has the running server of the data folder send what is queued for HOST, and fetch on the same connection the mail that waits there (TURN).",
    };

    private static readonly Option<string[]> atrn = new("--atrn")
    {
        Description = "Has the running server of the data folder fetch the mail for these domains, or for all that are ours there, on a connection that it opens (ATRN); at port 366 unless HOST names one.",
        HelpName = "DOMAIN[,DOMAIN]",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> cramMd5 = new("--cram-md5") { Description = "Logs in by CRAM-MD5, as accounts do that are for on-demand relay alone." };

    private static readonly ConfigurationArguments configuration = new();

    public static Command Create()
    {
        var command = new Command("fetch", "Asks a server for the mail that waits there. Prints the replies and ends with 0 when all are positive, 69 when refused for good or out of reach, 75 when refused for now, 76 when the other side speaks no SMTP, 77 when it does not let the user in or have the mail.");
        arguments.AddTo(command);
        foreach (var option in (Option[])[etrn, turn, atrn, cramMd5])
            command.Options.Add(option);
        configuration.AddTo(command);
        command.Validators.Add(static result =>
        {
            if ((result.GetResult(etrn) is null ? 0 : 1) + (result.GetValue(turn) ? 1 : 0) + (result.GetResult(atrn) is null ? 0 : 1) != 1)
                result.AddError("Say how: --etrn DOMAIN, --turn, or --atrn with or without DOMAIN; one of the three.");
            else if (result.GetValue(cramMd5) && result.GetResult(etrn) is not null)
                result.AddError("--cram-md5 is for --atrn and --turn.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetResult(etrn) is null)
        {
            var domains = parsed.GetResult(atrn) is null ? null : Domains(parsed.GetValue(atrn) ?? []);
            var folder = Path.GetFullPath(configuration.Load(parsed, []).Mail.DataFolder);
            return await TurnedFetchCommand.RunAsync(folder, await arguments.ReadForServerAsync(parsed, domains, parsed.GetValue(cramMd5), cancellationToken), cancellationToken);
        }
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

    private static List<string> Domains(string[] given)
    {
        var domains = given.SelectMany(static text => text.Split(',', StringSplitOptions.TrimEntries)).ToList();
        return domains.Find(static domain => !HostNames.IsDomain(domain) || !System.Text.Ascii.IsValid(domain)) is { } wrong
            ? throw new CommandException(ExitCode.Usage, $"--atrn: \"{wrong}\" is not a domain.")
            : domains;
    }

    // 459 is a temporary code and no temporary refusal: the node is not allowed (RFC 1985 §5.3).
    internal static int CodeOf(Reply reply) => reply switch
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
