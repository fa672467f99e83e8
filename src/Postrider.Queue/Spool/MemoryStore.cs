namespace Postrider.Queue.Spool;

/// <summary>What survives in memory when a <see cref="MemorySpool"/> is closed: its stable storage, as it were.</summary>
internal sealed class MemoryStore(long capacity)
{
    private readonly Dictionary<string, string> nextHops = new(StringComparer.Ordinal);
    private ulong lastId;
    private long used;

    public Lock Gate { get; } = new();

    public long Capacity { get; } = capacity;

    public long Used => Interlocked.Read(ref used);

    public Dictionary<SpoolId, MemoryRecord> Records { get; } = [];

    public Dictionary<SpoolId, MemoryBody> Bodies { get; } = [];

    public SpoolId NewId() => new(Interlocked.Increment(ref lastId));

    public void Use(long octets) => Interlocked.Add(ref used, octets);

    public string Intern(string nextHop)
    {
        if (!nextHops.TryGetValue(nextHop, out var instance))
            nextHops.Add(nextHop, instance = nextHop);
        return instance;
    }
}

/// <summary>An envelope of a <see cref="MemorySpool"/>.</summary>
internal sealed class MemoryRecord(NewEnvelope envelope, MemoryBody body)
{
    public MemoryBody Body { get; } = body;

    public EntryState State { get; set; } = envelope.State;

    public int Starts { get; set; }

    public SpoolEntry ToEntry(MemoryStore store) => new()
    {
        Id = envelope.Id,
        Message = envelope.Message,
        NextHop = store.Intern(envelope.NextHop),
        Since = envelope.Since,
        Due = State.Due,
        Attempts = State.Attempts,
        Version = State.Version,
        IsHeld = State.HoldReason is not null,
        Size = Body.Length,
        Starts = Starts,
        Priority = envelope.Envelope.Priority ?? 0,
        HasDeadline = envelope.Envelope.DeliverBy is not null,
    };

    public StoredEnvelope ToStored() => StoredEnvelope.Of(envelope, State, Body.Length);
}
