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
            var names = extensions.Verbs.Where(IsHere).Select(verb => verb.Name);
            return Outcome.Say(ReplyCatalogue.HelpList(string.Join(' ', names)));
        }
        // RFC 5321 §4.2.1: 211 is the system's state, for those whom policy tells.
        if (System.Text.Ascii.EqualsIgnoreCase(argument, "STATUS"u8))
            return Outcome.Ask(new StatusQuestion(), Answered);
        return extensions.FindVerb(argument) is { } verb && IsHere(verb)
            ? Outcome.Say(ReplyCatalogue.Help.With($"{verb.Syntax} ({verb.Source})"))
            : Outcome.Mistake(ReplyCatalogue.NoSuchHelp);

        bool IsHere(Verb verb) => verb.IsImplemented && (!conversation.Settings.IsOnDemandRelay || verb.Has(VerbFlags.OnDemandRelay));
    }

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted
            ? answer.Reply is { Code: 211 } state ? Outcome.Say(state) : Outcome.Mistake(ReplyCatalogue.NoSuchHelp)
            : Outcome.Refuse(answer.Reply!);
}
