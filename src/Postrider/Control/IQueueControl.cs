namespace Postrider.Control;

/// <summary>
/// The queue as commands use it: through the control socket of the running server, or on the spool
/// itself where none runs.
/// </summary>
internal interface IQueueControl : IAsyncDisposable
{
    /// <summary>Lists what is queued.</summary>
    /// <param name="nextHop">Only what goes there, or null.</param>
    /// <param name="limit">How many at most.</param>
    Task<QueueListing> ListAsync(string? nextHop, int limit);

    /// <summary>The envelopes of that name, or of the message of that name; empty where there is none.</summary>
    Task<IReadOnlyList<QueuedEnvelope>> FindAsync(string id);

    /// <summary>Changes envelopes.</summary>
    Task<QueueChangeResult> ChangeAsync(QueueChange change);
}
