using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>NOOP (RFC 5321 §4.1.1.9): does nothing; its argument is ignored.</summary>
internal static class NoopVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation) => Outcome.Say(ReplyCatalogue.NoOperation);
}
