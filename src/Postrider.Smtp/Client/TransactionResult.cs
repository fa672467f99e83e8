using System.Collections.Immutable;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Client;

/// <summary>How a transaction ended: one result for each recipient of its envelope, in their order.</summary>
/// <param name="Recipients">The results; none is open.</param>
/// <param name="WasAnswered">Whether the server answered anything at all in it. Where not, and the connection had served before, it had died while idle.</param>
public sealed record TransactionResult(ImmutableArray<RecipientResult> Recipients, bool WasAnswered)
{
    /// <summary>Whether the server reports to the sender itself what becomes of the message (DSN, RFC 3461 §5.2.2).</summary>
    public bool IsReportedOn { get; init; }

    /// <summary>Whether the server sees to a time by which the message is to be delivered (DELIVERBY, RFC 2852).</summary>
    public bool KeepsDeadline { get; init; }

    /// <summary>Why the session is over, or null where it can serve again.</summary>
    public SessionEnding? Ending { get; init; }

    /// <summary>What protected the connection, or null where it was in the clear.</summary>
    public TlsFacts? Tls { get; init; }
}
