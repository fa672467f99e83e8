using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>The replies of the catalogue that name the server or its limits, made once for a snapshot of settings.</summary>
internal sealed class HostReplies(string hostname, ServerLimits limits)
{
    public Reply Greeting { get; } = ReplyCatalogue.Greeting.With(hostname);

    public Reply TakesNoMail { get; } = ReplyCatalogue.TakesNoMail.With(hostname);

    public Reply Hello { get; } = ReplyCatalogue.Hello.With(hostname);

    public Reply Closing { get; } = ReplyCatalogue.Closing.With(hostname);

    public Reply ShuttingDown { get; } = ReplyCatalogue.ShuttingDown.With(hostname);

    public Reply TimedOut { get; } = ReplyCatalogue.TimedOut.With(hostname);

    public Reply TooManyErrors { get; } = ReplyCatalogue.TooManyErrors.With(hostname);

    public Reply TooManyIdleCommands { get; } = ReplyCatalogue.TooManyIdleCommands.With(hostname);

    public Reply TooManyRefusedRecipients { get; } = ReplyCatalogue.TooManyRefusedRecipients.With(hostname);

    public Reply DeclaredTooLarge { get; } = ReplyCatalogue.DeclaredTooLarge.With(Number(limits.MessageSize));

    public Reply MessageTooLarge { get; } = ReplyCatalogue.MessageTooLarge.With(Number(limits.MessageSize));

    public Reply HeaderTooLarge { get; } = ReplyCatalogue.HeaderTooLarge.With(Number(limits.HeaderSize));

    private static string Number(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
