using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>RSET (RFC 5321 §4.1.1.5): forgets the transaction, and only that.</summary>
internal static class RsetVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        conversation.DropTransaction();
        return Outcome.Say(ReplyCatalogue.Reset);
    }
}
