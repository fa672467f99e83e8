namespace Postrider.Control;

/// <summary>A queued envelope as commands and console show it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Message">The message it belongs to: the name in the 250 reply and the log.</param>
/// <param name="State">due, trying, waiting or held.</param>
/// <param name="NextHop">Where it goes.</param>
/// <param name="Sender">The reverse-path; empty for the null sender.</param>
/// <param name="Recipients">Who is still to be served.</param>
/// <param name="Size">Octets of the message.</param>
/// <param name="Arrived">When it was accepted.</param>
/// <param name="Due">When the next attempt is due.</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="HoldReason">Why it is held, or null.</param>
internal sealed record QueuedEnvelope(
    string Id,
    string Message,
    string State,
    string NextHop,
    string Sender,
    IReadOnlyList<QueuedRecipient> Recipients,
    long Size,
    DateTimeOffset Arrived,
    DateTimeOffset Due,
    int Attempts,
    string? HoldReason)
{
    /// <summary>By when the sender wants it delivered (RFC 2852), or null.</summary>
    public DateTimeOffset? DeliverBy { get; init; }

    /// <summary>How urgent it is, -9 to 9 (RFC 6710), or null: nothing was said.</summary>
    public int? Priority { get; init; }
}

/// <summary>A recipient that is still to be served.</summary>
/// <param name="Address">The mailbox.</param>
/// <param name="LastFailure">What the last attempt said, or null before the first.</param>
internal sealed record QueuedRecipient(string Address, string? LastFailure);

/// <summary>A part of the queue.</summary>
/// <param name="Envelopes">The envelopes, the oldest first.</param>
/// <param name="Total">How many fit the question, shown or not.</param>
internal sealed record QueueListing(IReadOnlyList<QueuedEnvelope> Envelopes, long Total);

/// <summary>What can be done with queued envelopes.</summary>
internal enum QueueAction
{
    /// <summary>Keep, and do not try.</summary>
    Hold,

    /// <summary>End a hold.</summary>
    Release,

    /// <summary>Try now.</summary>
    Retry,

    /// <summary>Remove; nobody is told.</summary>
    Delete,
}

/// <summary>Which envelopes: by name of envelope or message, by next hop, or all.</summary>
/// <param name="Ids">Names.</param>
/// <param name="NextHop">A next hop, or null.</param>
/// <param name="All">All there are.</param>
internal sealed record QueueSelection(IReadOnlyList<string> Ids, string? NextHop, bool All);

/// <summary>A change that is asked for.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Selection">With which.</param>
/// <param name="Reason">Why, for a hold.</param>
internal sealed record QueueChange(QueueAction Action, QueueSelection Selection, string? Reason);

/// <summary>What became of a change.</summary>
/// <param name="Changed">How many envelopes were changed.</param>
/// <param name="Unknown">Names that nothing queued has.</param>
internal sealed record QueueChangeResult(int Changed, IReadOnlyList<string> Unknown);
