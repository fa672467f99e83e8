using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;

namespace Postrider.Queue.Scheduling;

/// <summary>Which entries are listed: those that fit all that is set.</summary>
public sealed record QueueFilter
{
    /// <summary>All of them.</summary>
    public static readonly QueueFilter All = new();

    /// <summary>Those for this next hop.</summary>
    public string? NextHop { get; init; }

    /// <summary>Those in this state.</summary>
    public QueuedState? State { get; init; }

    /// <summary>Those of this sender: a mailbox, <c>@domain</c>, or <c>&lt;&gt;</c> for the null sender.</summary>
    public string? Sender { get; init; }

    /// <summary>Those with this recipient among the open ones: a mailbox, or <c>@domain</c>.</summary>
    public string? Recipient { get; init; }

    /// <summary>Those of this message, whose name is that of its first envelope.</summary>
    public SpoolId? Message { get; init; }

    /// <summary>Those whose age counts from this second: when they were accepted, or when their senders wanted them to go.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Those accepted at least so long ago.</summary>
    public TimeSpan? MinimumAge { get; init; }

    /// <summary>Those accepted at most so long ago.</summary>
    public TimeSpan? MaximumAge { get; init; }

    // Names grow: an envelope of a message is named after it.
    internal bool MayMatch(SpoolId id, string nextHop, QueuedState state, DateTimeOffset arrived, DateTimeOffset now) =>
        (State is null || state == State)
        && (Message is not { } message || id.CompareTo(message) >= 0)
        && (Since is not { } since || since.ToUnixTimeSeconds() == arrived.ToUnixTimeSeconds())
        && (NextHop is null || string.Equals(nextHop, NextHop, StringComparison.Ordinal))
        && (MinimumAge is null || now - arrived >= MinimumAge)
        && (MaximumAge is null || now - arrived <= MaximumAge);

    internal bool Matches(StoredEnvelope envelope) =>
        (Message is null || envelope.Message == Message)
        && (Sender is null || IsSender(envelope.Envelope.ReversePath))
        && (Recipient is null || envelope.State.Open.Any(open => IsMailbox(envelope.Envelope.Recipients[open.Index].Mailbox, Recipient)));

    private bool IsSender(ReversePath path) =>
        path.Mailbox is { } mailbox ? IsMailbox(mailbox, Sender!) : Sender is "" or "<>";

    private static bool IsMailbox(Mailbox mailbox, string wanted) => wanted.StartsWith('@')
        ? mailbox.Domain.Equals(wanted[1..], StringComparison.OrdinalIgnoreCase)
        : mailbox.ToString().Equals(wanted, StringComparison.OrdinalIgnoreCase);
}
