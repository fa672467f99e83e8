using System.CommandLine;
using System.Globalization;
using Postrider.Configuration;
using Postrider.Smtp.Envelopes;

namespace Postrider.Commands;

/// <summary>The options of <c>postrider send</c> that say when and how urgently the message is to be delivered.</summary>
internal static class SendWishes
{
    private static readonly Option<string?> holdFor = new("--hold-for") { Description = "The server keeps the message for so long, as in 2h (FUTURERELEASE).", HelpName = "TIME" };

    private static readonly Option<string?> holdUntil = new("--hold-until") { Description = "The server keeps the message until then, as in 2030-12-31T23:59 (FUTURERELEASE).", HelpName = "DATE" };

    private static readonly Option<string?> by = new("--by")
    {
        Description = "The message is to be delivered within so long, as in 2h (DELIVERBY); if it is not, its sender is told, or with ,return gets it back. With ,trace each server tells that it has passed it on.",
        HelpName = "TIME[,return][,trace]",
    };

    private static readonly Option<int?> priority = new("--priority") { Description = "How urgent the message is, -9 to 9 (MT-PRIORITY).", HelpName = "N" };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[holdFor, holdUntil, by, priority])
            command.Options.Add(option);
        command.Validators.Add(static result =>
        {
            if (result.GetValue(holdFor) is not null && result.GetValue(holdUntil) is not null)
                result.AddError("--hold-for and --hold-until exclude each other.");
            if (result.GetValue(priority) is < -9 or > 9)
                result.AddError("--priority is a number from -9 to 9.");
        });
    }

    /// <summary>The envelope with what the options say.</summary>
    /// <exception cref="CommandException">A value cannot be read.</exception>
    public static Envelope Apply(Envelope envelope, ParseResult parsed) => envelope with { Release = Release(parsed), DeliverBy = By(parsed), Priority = (sbyte?)parsed.GetValue(priority) };

    private static FutureRelease? Release(ParseResult parsed)
    {
        if (parsed.GetValue(holdFor) is { } text)
            return new FutureRelease { After = Seconds(holdFor, text) };
        if (parsed.GetValue(holdUntil) is not { } date)
            return null;
        return DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var at)
            ? new FutureRelease { At = at }
            : throw new CommandException(ExitCode.Usage, $"--hold-until: \"{date}\" is not a date and time; give one such as 2030-12-31T23:59, of this machine's time zone, or 2030-12-31T23:59:59Z.");
    }

    private static DeliverBy? By(ParseResult parsed)
    {
        if (parsed.GetValue(by) is not { } text)
            return null;
        var words = text.Split(',');
        return words.Skip(1).All(static word => word is "return" or "trace")
            ? new DeliverBy(Seconds(by, words[0]), words.Contains("return", StringComparer.Ordinal), words.Contains("trace", StringComparer.Ordinal))
            : throw new CommandException(ExitCode.Usage, $"--by: behind the time stands return, trace or both, each behind a comma, and not \"{text[words[0].Length..]}\".");
    }

    private static TimeSpan Seconds(Option option, string text) =>
        Quantities.TryParseDuration(text, out var time) && time >= TimeSpan.FromSeconds(1) && time.TotalSeconds <= 999_999_999
            ? TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds))
            : throw new CommandException(ExitCode.Usage, $"{option.Name}: \"{text}\" is not {Quantities.DurationForm}, one second at least.");
}
