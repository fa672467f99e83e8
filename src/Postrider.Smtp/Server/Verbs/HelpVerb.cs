using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>HELP (RFC 5321 §4.1.1.8): the commands, or the syntax of one.</summary>
internal static class HelpVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        var extensions = conversation.Settings.Extensions;
        if (argument.IsEmpty)
        {
            var names = extensions.Verbs.Where(verb => verb.IsImplemented).Select(verb => verb.Name);
            return Outcome.Say(new Reply(214, new(2, 0, 0), ReplyCatalogue.HelpHeading, string.Join(' ', names)));
        }
        return extensions.FindVerb(argument) is { IsImplemented: true } verb
            ? Outcome.Say(ReplyCatalogue.Help.With($"{verb.Syntax} ({verb.Source})"))
            : Outcome.Mistake(ReplyCatalogue.NoSuchHelp);
    }
}
