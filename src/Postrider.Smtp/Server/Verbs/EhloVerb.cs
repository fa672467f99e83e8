using System.Text;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>EHLO (RFC 5321 §4.1.1.1): who the client is, and what the server offers.</summary>
internal static class EhloVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation) =>
        Refusal(argument) is { } refusal ? Outcome.Mistake(refusal) : Outcome.Say(Greet(argument, conversation));

    /// <summary>What is wrong with the name, or null. A refused name leaves the session as it was (RFC 5321 §4.1.4).</summary>
    internal static Reply? Refusal(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return ReplyCatalogue.HelloNeedsName;
        return HelloName.IsValid(name) ? null : ReplyCatalogue.HelloBadName;
    }

    private static Reply Greet(ReadOnlySpan<byte> name, Conversation conversation)
    {
        conversation.DropTransaction();
        conversation.Facts = conversation.Facts with { PeerName = Encoding.ASCII.GetString(name), IsExtended = true };
        var settings = conversation.Settings;
        var lines = new List<string>(settings.Extensions.Offered.Length + 1) { settings.Hostname };
        foreach (var extension in settings.Extensions.Offered)
        {
            if (extension.Offer(settings, conversation.Facts) is { } offer)
                lines.Add(offer);
        }
        return ReplyCatalogue.Extensions(lines);
    }
}
