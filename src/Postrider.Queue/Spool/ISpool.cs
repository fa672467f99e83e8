namespace Postrider.Queue.Spool;

/// <summary>
/// Where mail lies between its acceptance and its end. The promise: once <see cref="CommitAsync"/>
/// has returned <see cref="SpoolFault.None"/>, all of the commit survives any crash, and before that
/// none of it is seen by anyone. Every engine passes the conformance kit, SpoolContract.
/// </summary>
public interface ISpool : IAsyncDisposable
{
    /// <summary>
    /// Opens the spool, recovers, and tells the listener of every entry in it, before it returns; from
    /// then on of each that is added or taken away by others.
    /// </summary>
    /// <param name="listener">The scheduler.</param>
    /// <param name="progress">Is told how far a long recovery has come, or null.</param>
    /// <param name="cancellationToken">Gives up the start; nothing is changed by it.</param>
    /// <exception cref="IOException">The spool cannot be opened: the message says which file and why.</exception>
    ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>A name never used in this spool before. Any thread, never blocks.</summary>
    SpoolId NewId();

    /// <summary>Begins a body.</summary>
    IBodyWriter CreateBody();

    /// <summary>Whether new mail of this size would find room now: None, or why not.</summary>
    /// <param name="size">Octets expected; 0 where unknown.</param>
    SpoolFault CanAccept(long size);

    /// <summary>Stores a commit, whole or not at all. The listener has been told when it returns.</summary>
    /// <returns>None, and it is on stable storage; or why nothing of it was done.</returns>
    /// <exception cref="InvalidOperationException">It names a body or an entry that is not there, or a version that is not higher.</exception>
    ValueTask<SpoolFault> CommitAsync(SpoolCommit commit);

    /// <summary>
    /// Notes that an attempt begins, before it does. The note survives a killed process, not a power
    /// cut; the next change of the entry ends the count, which <see cref="SpoolEntry.Starts"/> shows
    /// after a restart (rule 19).
    /// </summary>
    ValueTask NoteAttemptAsync(SpoolId envelope);

    /// <summary>Reads an envelope, or null where it is not (or no longer) there.</summary>
    /// <exception cref="SpoolDamageException">It is damaged on disk.</exception>
    ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope);

    /// <summary>Opens the body of an envelope, or null where that is not (or no longer) there.</summary>
    /// <exception cref="SpoolDamageException">It is damaged on disk.</exception>
    ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope);
}
