using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>The queue, as delivery sees it: what is leased, and how a lease ends.</summary>
public interface ILeases
{
    /// <summary>
    /// Reads a leased envelope for an attempt and notes that the attempt begins (rule 19). Null where
    /// the entry has gone meanwhile (deleted, held): the lease has ended then.
    /// </summary>
    ValueTask<StoredEnvelope?> BeginAsync(DueEntry entry);

    /// <summary>Opens the body of a leased envelope, or null as above.</summary>
    ValueTask<IBodyReader?> OpenBodyAsync(DueEntry entry);

    /// <summary>
    /// Ends a lease with the outcomes of an attempt. Open recipients without an outcome stay as they
    /// are and are due at once again. It completes when the outcome is queued for the next group
    /// commit (rule 18), and waits only while too many are not yet on disk.
    /// </summary>
    /// <param name="entry">The lease.</param>
    /// <param name="outcomes">What became of recipients.</param>
    /// <param name="expansions">Who takes the place of those that are <see cref="DeliveryResult.Expanded"/>, stored in the same commit; or null.</param>
    ValueTask CompleteAsync(DueEntry entry, IReadOnlyList<RecipientOutcome> outcomes, IReadOnlyList<Expansion>? expansions = null);

    /// <summary>Ends a lease without an attempt: no retry clock moves (rule 17).</summary>
    /// <param name="entry">The lease.</param>
    /// <param name="until">When it may be offered again.</param>
    /// <param name="reason">Why, for the queue listing.</param>
    void NotTried(DueEntry entry, DateTimeOffset until, string reason);

    /// <summary>
    /// Ends a lease without an attempt, for mail that is not tried but waits to be fetched. It is offered again when its
    /// sender may have to be told of a delay, and when it is too old; else by <see cref="MailQueue.RetryAllAsync(IReadOnlySet{string}, CancellationToken)"/>.
    /// </summary>
    /// <param name="entry">The lease.</param>
    /// <param name="status">A temporary failure that says what is waited for: the sender reads it in a report.</param>
    /// <param name="isAskedFor">Whether the mail has been asked for meanwhile, and is due at once: asked when it waits again, on any thread; null: it has not.</param>
    ValueTask AwaitFetchAsync(DueEntry entry, DeliveryStatus status, Func<bool>? isAskedFor = null);

    /// <summary>
    /// Ends a lease by sorting the open recipients anew, after a change of the routes: each group gets
    /// an envelope of its own in one commit, no retry clock moves.
    /// </summary>
    /// <param name="entry">The lease.</param>
    /// <param name="nextHops">For each open recipient, in the order of <see cref="EntryState.Open"/>, its key now.</param>
    ValueTask RerouteAsync(DueEntry entry, IReadOnlyList<string> nextHops);
}
