using System.Text;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>HELO (RFC 5321 §4.1.1.1): who the client is; no extension is used from here on.</summary>
internal static class HeloVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        if (EhloVerb.Refusal(argument) is { } refusal)
            return Outcome.Mistake(refusal);
        conversation.DropTransaction();
        conversation.Facts = conversation.Facts with { PeerName = Encoding.ASCII.GetString(argument), IsExtended = false };
        return Outcome.Say(conversation.Settings.Replies.Hello);
    }
}
