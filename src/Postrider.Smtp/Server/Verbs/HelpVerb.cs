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
            ? Outcome.Say(Describe(verb, conversation))
            : Outcome.Mistake(ReplyCatalogue.NoSuchHelp);

        // What EHLO does not list to this peer, HELP does not either.
        bool IsHere(Verb verb) => verb.IsImplemented
            && (!conversation.Settings.IsOnDemandRelay || verb.Has(VerbFlags.OnDemandRelay))
            && (extensions.OwnerOf(verb) is not { } owner || owner.Offer(conversation.Settings, conversation.Facts) is not null);
    }

    // Where the syntax leaves the parameters open, those that are offered to this peer stand on a line of their own.
    private static Reply Describe(Verb verb, Conversation conversation)
    {
        var syntax = ReplyCatalogue.Help.With($"{verb.Syntax} ({verb.Source})");
        if (!verb.Syntax.EndsWith("[parameters]", StringComparison.Ordinal))
            return syntax;
        // SEND, SOML and SAML take what MAIL takes.
        var taker = verb.Name == "RCPT" ? "RCPT" : "MAIL";
        var parameters = string.Join(' ', conversation.Settings.Extensions.Offered
            .Where(extension => extension.Offer(conversation.Settings, conversation.Facts) is not null)
            .SelectMany(extension => extension.Parameters)
            .Where(parameter => string.Equals(parameter.Verb, taker, StringComparison.Ordinal))
            .Select(parameter => parameter.Syntax));
        return parameters.Length == 0 ? syntax : new Reply(syntax.Code, syntax.Enhanced, syntax.Lines[0], ReplyCatalogue.HelpParameters + parameters);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted
            ? answer.Reply is { Code: 211 } state ? Outcome.Say(state) : Outcome.Mistake(ReplyCatalogue.NoSuchHelp)
            : Outcome.Refuse(answer.Reply!);
}
