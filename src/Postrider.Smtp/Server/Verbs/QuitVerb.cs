namespace Postrider.Smtp.Server.Verbs;

/// <summary>QUIT (RFC 5321 §4.1.1.10): the reply, then the end; an open transaction is dropped.</summary>
internal static class QuitVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        conversation.DropTransaction();
        return Outcome.Close(conversation.Settings.Replies.Closing);
    }
}
