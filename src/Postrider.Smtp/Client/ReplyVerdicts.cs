using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>Replies as results and endings.</summary>
internal static class ReplyVerdicts
{
    /// <summary>What the reply means for a recipient.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="code">The code that it is read as.</param>
    public static RecipientResult ToResult(this ReplyParser reply, int code)
    {
        var verdict = code < 400 ? RecipientVerdict.Accepted : code < 500 ? RecipientVerdict.Deferred : RecipientVerdict.Failed;
        return new RecipientResult(verdict, reply.Code, EnhancedFor(reply, code / 100), reply.ToText());
    }

    /// <summary>The reply as the end of a session: what ends it concerns us rather than the message, and may pass; but for 521 (RFC 7504).</summary>
    public static SessionEnding ToEnding(this ReplyParser reply, EndingKind kind) =>
        new(kind, reply.Code, EnhancedFor(reply, reply.Code == 521 ? 5 : 4), reply.ToText());

    // RFC 3463 §3.1: X.0.0 where nothing more is known than the class.
    private static EnhancedStatusCode EnhancedFor(ReplyParser reply, int kind) =>
        reply.Enhanced.IsNone ? new EnhancedStatusCode((byte)kind, 0, 0) : reply.Enhanced with { Class = (byte)kind };
}
