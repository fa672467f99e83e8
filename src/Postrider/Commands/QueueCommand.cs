using System.CommandLine;
using Postrider.Configuration;
using Postrider.Control;

namespace Postrider.Commands;

/// <summary><c>postrider queue</c>: shows and changes what is queued, whether the server runs or not.</summary>
internal static class QueueCommand
{
    private const int ListedUnlessTold = 100;

    private static readonly ConfigurationArguments arguments = new();

    private static readonly Argument<string[]> ids = new("id")
    {
        Description = "The name of an envelope, or of a message: the one in the reply 250 and in the log.",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = static _ => [],
    };

    private static readonly Argument<string> oneId = new("id") { Description = "The name of an envelope, or of a message." };

    private static readonly Option<string?> nextHop = new("--next-hop") { Description = "What goes there, as queue list shows it.", HelpName = "HOP" };

    private static readonly Option<bool> all = new("--all") { Description = "Everything that is queued." };

    private static readonly Option<bool> json = new("--json") { Description = "Prints JSON." };

    private static readonly Option<int> limit = new("--limit")
    {
        Description = "How many to show at most.",
        HelpName = "N",
        DefaultValueFactory = static _ => ListedUnlessTold,
    };

    private static readonly Option<string?> reason = new("--reason") { Description = "Why, for the listing.", HelpName = "TEXT" };

    public static Command Create()
    {
        var command = new Command("queue", "Shows and changes what is queued, through the running server, or on the spool itself when none runs.");
        var list = new Command("list", "Lists what is queued, the oldest first.") { nextHop, limit, json };
        Run(list, async (queue, parsed) =>
        {
            var page = await queue.ListAsync(parsed.GetValue(nextHop), parsed.GetValue(limit));
            QueueOutput.List(page, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        var show = new Command("show", "Shows everything that is known of an envelope or message.") { oneId, json };
        Run(show, async (queue, parsed) =>
        {
            var found = await queue.FindAsync(parsed.GetValue(oneId)!);
            if (found.Count == 0)
                throw new CommandException(ExitCode.NoInput, $"nothing that is queued is named {parsed.GetValue(oneId)}.");
            QueueOutput.Show(found, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        command.Subcommands.Add(list);
        command.Subcommands.Add(show);
        command.Subcommands.Add(Change(QueueAction.Hold, "hold", "Keeps envelopes and does not try them until they are released.", "held", reason));
        command.Subcommands.Add(Change(QueueAction.Release, "release", "Ends a hold; a release is due at once.", "released"));
        command.Subcommands.Add(Change(QueueAction.Retry, "retry", "Makes envelopes due at once.", "due now"));
        command.Subcommands.Add(Change(QueueAction.Delete, "delete", "Removes envelopes for good. Nobody is told.", "deleted"));
        return command;
    }

    private static Command Change(QueueAction action, string name, string description, string done, params Option[] more)
    {
        var command = new Command(name, description) { ids, nextHop, all, json };
        foreach (var option in more)
            command.Options.Add(option);
        command.Validators.Add(static result =>
        {
            var ways = (result.GetValue(ids) is { Length: > 0 } ? 1 : 0) + (result.GetValue(nextHop) is null ? 0 : 1) + (result.GetValue(all) ? 1 : 0);
            if (ways != 1)
                result.AddError("Say which: names, or --next-hop HOP, or --all; one of the three.");
        });
        Run(command, async (queue, parsed) =>
        {
            var selection = new QueueSelection(parsed.GetValue(ids) ?? [], parsed.GetValue(nextHop), parsed.GetValue(all));
            var result = await queue.ChangeAsync(new QueueChange(action, selection, more.Contains(reason) ? parsed.GetValue(reason) : null));
            QueueOutput.Changed(result, done, parsed.GetValue(json));
            return result.Unknown.Count == 0 ? ExitCode.Ok : ExitCode.NoInput;
        });
        return command;
    }

    private static void Run(Command command, Func<IQueueControl, ParseResult, Task<int>> run)
    {
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var queue = await QueueAccess.OpenAsync(arguments.Load(parsed, []), cancellationToken);
            return await run(queue, parsed);
        });
    }
}
