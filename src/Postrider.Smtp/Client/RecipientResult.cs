using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>What became of one recipient in a transaction.</summary>
public enum RecipientVerdict : byte
{
    /// <summary>Not known yet; never in a result.</summary>
    Open = 0,

    /// <summary>The server has taken the message for this recipient and answers for it.</summary>
    Accepted,

    /// <summary>Not now.</summary>
    Deferred,

    /// <summary>Never.</summary>
    Failed,

    /// <summary>One recipient too many for this transaction: it can be sent in another one at once (RFC 5321 §4.5.3.1.10).</summary>
    Surplus,
}

/// <summary>What became of one recipient in a transaction, and who said so.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="ReplyCode">The code of the server's reply, or 0 where it did not speak.</param>
/// <param name="Enhanced">The status code; made of the reply's class where the server gave none. Never none.</param>
/// <param name="Text">What the server said, in one line, or what went wrong without its saying.</param>
public readonly record struct RecipientResult(RecipientVerdict Verdict, int ReplyCode, EnhancedStatusCode Enhanced, string Text)
{
    /// <summary>The content had been sent to its end and the reply was lost: the server may have taken it, so that a retry may make a duplicate.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>The connection ended before the server decided; another address of the same site may be tried at once.</summary>
    public bool IsUndecided { get; init; }
}
