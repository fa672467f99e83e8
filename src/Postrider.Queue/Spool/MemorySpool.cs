namespace Postrider.Queue.Spool;

/// <summary>
/// A spool that lasts as long as the process: for tests, simulations and mail that may be thrown away.
/// It keeps the contract but for the stable storage: what a crash would leave is what
/// <see cref="Reopen"/> gives.
/// </summary>
public sealed class MemorySpool : ISpool
{
    private readonly MemoryStore store;
    private ISpoolListener? listener;
    private bool isClosed;

    /// <summary>Makes an empty spool.</summary>
    /// <param name="capacity">Octets of bodies beyond which new mail is refused; 1 GiB unless told.</param>
    public MemorySpool(long capacity = 1L << 30)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        store = new MemoryStore(capacity);
    }

    private MemorySpool(MemoryStore store) => this.store = store;

    /// <summary>
    /// Closes this spool as a killed process would, and gives the one that the next process finds:
    /// all that was committed, nothing else.
    /// </summary>
    public MemorySpool Reopen()
    {
        lock (store.Gate)
        {
            isClosed = true;
            listener = null;
        }
        return new MemorySpool(store);
    }

    /// <inheritdoc/>
    public ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listener);
        lock (store.Gate)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            if (this.listener is not null)
                throw new InvalidOperationException("The spool is open already.");
            this.listener = listener;
            foreach (var record in store.Records.Values)
                listener.Added(record.ToEntry(store));
        }
        return default;
    }

    /// <inheritdoc/>
    public SpoolId NewId() => store.NewId();

    /// <inheritdoc/>
    public IBodyWriter CreateBody()
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        return new MemoryBodyWriter(store);
    }

    /// <inheritdoc/>
    public SpoolFault CanAccept(long size) => store.Used + size > store.Capacity ? SpoolFault.NoSpace : SpoolFault.None;

    /// <inheritdoc/>
    public ValueTask<SpoolFault> CommitAsync(SpoolCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        lock (store.Gate)
        {
            ThrowUnlessOpen();
            if (commit.Purpose == CommitPurpose.Acceptance && store.Used > store.Capacity)
                return new(SpoolFault.NoSpace);
            var bodies = Check(commit);
            foreach (var envelope in commit.Envelopes)
                Add(envelope, bodies);
            foreach (var change in commit.Changes)
                Change(change);
            foreach (var body in bodies.Values)
                body.Release(store, 0);
        }
        return new(SpoolFault.None);
    }

    /// <inheritdoc/>
    public ValueTask NoteAttemptAsync(SpoolId envelope)
    {
        lock (store.Gate)
        {
            ThrowUnlessOpen();
            if (store.Records.TryGetValue(envelope, out var record))
                record.Starts++;
        }
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope)
    {
        lock (store.Gate)
        {
            ThrowUnlessOpen();
            return new(store.Records.TryGetValue(envelope, out var record) ? record.ToStored() : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope)
    {
        lock (store.Gate)
        {
            ThrowUnlessOpen();
            return new(store.Records.TryGetValue(envelope, out var record) ? new MemoryBodyReader(record.Body) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (store.Gate)
        {
            isClosed = true;
            listener = null;
        }
        return default;
    }

    // All is looked at before anything is done: a commit is whole or not at all.
    private Dictionary<SpoolId, MemoryBody> Check(SpoolCommit commit)
    {
        var bodies = new Dictionary<SpoolId, MemoryBody>(commit.Bodies.Count);
        foreach (var body in commit.Bodies)
        {
            if (body is not MemoryBodyWriter writer || !writer.BelongsTo(store))
                throw new InvalidOperationException($"Body {body.Id} is not one of this spool.");
            bodies.Add(body.Id, writer.Body);
        }
        var added = new HashSet<SpoolId>(commit.Envelopes.Count);
        foreach (var envelope in commit.Envelopes)
        {
            if (!bodies.ContainsKey(envelope.Body) && !store.Bodies.ContainsKey(envelope.Body))
                throw new InvalidOperationException($"Envelope {envelope.Id} refers to body {envelope.Body}, which is not there.");
            if (envelope.State.Open.IsDefaultOrEmpty)
                throw new InvalidOperationException($"Envelope {envelope.Id} has no open recipient.");
            if (store.Records.ContainsKey(envelope.Id) || !added.Add(envelope.Id))
                throw new InvalidOperationException($"Envelope {envelope.Id} is there already.");
        }
        var changed = new HashSet<SpoolId>(commit.Changes.Count);
        foreach (var change in commit.Changes)
        {
            if (!changed.Add(change.Envelope))
                throw new InvalidOperationException($"Envelope {change.Envelope} is changed twice in one commit.");
            if (!store.Records.TryGetValue(change.Envelope, out var record))
                throw new InvalidOperationException($"Envelope {change.Envelope} is not there.");
            if (change.Version <= record.State.Version || (change.State is not null && change.State.Version != change.Version))
                throw new InvalidOperationException($"Version {change.Version} of envelope {change.Envelope} is not the next one after {record.State.Version}.");
        }
        foreach (var body in commit.Bodies)
            ((MemoryBodyWriter)body).TakeOver();
        return bodies;
    }

    private void Add(NewEnvelope envelope, Dictionary<SpoolId, MemoryBody> bodies)
    {
        if (!store.Bodies.TryGetValue(envelope.Body, out var body))
            store.Bodies.Add(envelope.Body, body = bodies[envelope.Body]);
        body.References++;
        var record = new MemoryRecord(envelope, body);
        store.Records.Add(envelope.Id, record);
        listener!.Added(record.ToEntry(store));
    }

    private void Change(EntryChange change)
    {
        var record = store.Records[change.Envelope];
        record.Starts = 0;
        if (change.State is not null)
        {
            record.State = change.State;
            return;
        }
        store.Records.Remove(change.Envelope);
        record.Body.Release(store, 1);
    }

    private void ThrowUnlessOpen()
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        if (listener is null)
            throw new InvalidOperationException("The spool has not been opened.");
    }
}
