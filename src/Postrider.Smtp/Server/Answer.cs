using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>
/// The answer to a <see cref="Question"/>: go on, go on with a reply of one's own, or refuse.
/// default(Answer) is <see cref="Accept()"/>.
/// </summary>
public readonly struct Answer
{
    private Answer(Reply? reply) => Reply = reply;

    /// <summary>The reply to give instead of the session's own, or null.</summary>
    public Reply? Reply { get; }

    /// <summary>Whether the session goes on with what was asked.</summary>
    public bool IsAccepted => Reply is null || Reply.IsPositive;

    /// <summary>Go on, with the reply that the session gives of itself.</summary>
    public static Answer Accept() => default;

    /// <summary>Go on, with this reply, whose code is 2yz or 3yz.</summary>
    /// <exception cref="ArgumentException">The reply is not a positive one.</exception>
    public static Answer Accept(Reply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return reply.IsPositive ? new Answer(reply) : throw new ArgumentException("An acceptance has a 2yz or 3yz reply.", nameof(reply));
    }

    /// <summary>Refuse with this reply, whose code is 4yz or 5yz. A 421 or 521 closes the connection.</summary>
    /// <exception cref="ArgumentException">The reply is a positive one.</exception>
    public static Answer Refuse(Reply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return !reply.IsPositive ? new Answer(reply) : throw new ArgumentException("A refusal has a 4yz or 5yz reply.", nameof(reply));
    }
}
