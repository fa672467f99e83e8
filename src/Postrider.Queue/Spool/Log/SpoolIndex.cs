namespace Postrider.Queue.Spool.Log;

/// <summary>
/// What the spool holds and where it lies. Records are the only way to change it, while it runs as in
/// recovery, so that what a start finds is what there was. They hold absolute state: applying one
/// twice, or one that is older than what is known, changes nothing (rule 4).
/// </summary>
internal sealed class SpoolIndex
{
    private readonly Dictionary<uint, Segment> segments = [];
    private Segment? last;

    /// <summary>Held whenever anything here is read or changed.</summary>
    public Lock Sync { get; } = new();

    public SlotTable<EntrySlot> Entries { get; } = new();

    public SlotTable<BodySlot> Bodies { get; } = new();

    public NameTable NextHops { get; } = new();

    /// <summary>Segments in use by their numbers.</summary>
    public IReadOnlyDictionary<uint, Segment> Segments => segments;

    /// <summary>
    /// While records are replayed over a snapshot that was copied in slices, a body without a user may
    /// find one yet: it stays until <see cref="DropUnusedBodies"/>.
    /// </summary>
    public bool IsReplaying { get; set; }

    /// <summary>The last batch that is in it.</summary>
    public ulong Sequence { get; set; }

    public void AddSegment(Segment segment) => segments.Add(segment.Number, segment);

    public void RemoveSegment(Segment segment)
    {
        segments.Remove(segment.Number);
        if (last == segment)
            last = null;
    }

    /// <summary>Applies one record.</summary>
    /// <param name="record">The record; its checksum has been compared.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="nextBody">Where the next body of its batch stands; moved on behind it.</param>
    /// <param name="changes">Is told of what came and went, or null.</param>
    /// <exception cref="InvalidDataException">The record makes no sense.</exception>
    public void Apply(in Record record, Location at, ref uint nextBody, IndexChanges? changes)
    {
        var reader = new RecordReader(record.Payload);
        var id = reader.UInt64();
        switch (record.Kind)
        {
            case RecordKind.Body:
                var isSpill = reader.Byte() != 0;
                var length = (long)reader.UInt64();
                var place = isSpill ? Location.Spill : new Location(at.Segment, nextBody);
                if (!isSpill)
                    nextBody = checked(nextBody + (uint)Layout.StoredLength(length));
                PutBody(id, place, length, reader.UInt32());
                break;
            case RecordKind.Envelope:
                ApplyEnvelope(id, ref reader, at, changes);
                break;
            case RecordKind.State:
                var slot = Entries.Find(id);
                if (slot >= 0)
                    ApplyState(ref Entries[slot], EntryRecord.ReadHead(ref reader), at);
                break;
            case RecordKind.Finish:
                slot = Entries.Find(id);
                if (slot >= 0 && Entries[slot].Version < reader.UInt32())
                    RemoveEntry(slot, changes);
                break;
            case RecordKind.Start:
                slot = Entries.Find(id);
                if (slot >= 0 && Entries[slot].Version == reader.UInt32())
                    Entries[slot].Starts = Math.Max(Entries[slot].Starts, reader.Byte());
                break;
            default:
                throw new InvalidDataException($"A record is of kind {record.Kind}, which this version does not know.");
        }
    }

    /// <summary>Adds a body, or moves it.</summary>
    public int PutBody(ulong id, Location at, long length, uint checksum)
    {
        var slot = Bodies.Find(id);
        if (slot < 0)
            slot = Bodies.Add(id);
        else
            CountBody(Bodies[slot], -1);
        ref var body = ref Bodies[slot];
        body.At = at;
        body.Length = length;
        body.Checksum = checksum;
        CountBody(body, 1);
        return slot;
    }

    /// <summary>Adds an entry as a snapshot has it.</summary>
    public void Restore(in EntrySlot saved, ulong body, ReadOnlySpan<byte> nextHop)
    {
        var slot = Entries.Find(saved.Id);
        if (slot >= 0)
            return;
        slot = Entries.Add(saved.Id);
        ref var entry = ref Entries[slot];
        entry = saved;
        entry.NextHop = NextHops.Use(nextHop);
        entry.Body = UseBody(body);
        CountRecord(entry.Envelope, 1);
        CountRecord(entry.State, 1);
    }

    /// <summary>Ends the replay: bodies that nobody uses go.</summary>
    public void DropUnusedBodies()
    {
        IsReplaying = false;
        for (var slot = 0; slot < Bodies.End; slot++)
        {
            if (Bodies[slot] is { Id: not 0, Users: 0 })
                RemoveBody(slot);
        }
    }

    /// <summary>Takes an entry out; the body goes with its last user.</summary>
    public void RemoveEntry(int slot, IndexChanges? changes)
    {
        ref var entry = ref Entries[slot];
        CountRecord(entry.Envelope, -1);
        CountRecord(entry.State, -1);
        NextHops.Release(entry.NextHop);
        var body = entry.Body;
        Entries.Remove(slot);
        if (--Bodies[body].Users > 0 || IsReplaying)
            return;
        if (Bodies[body].At.IsSpill)
            changes?.Spills.Add(Bodies[body].Id);
        RemoveBody(body);
    }

    /// <summary>What the scheduler is told of an entry.</summary>
    public SpoolEntry Describe(in EntrySlot entry) => new()
    {
        Id = new SpoolId(entry.Id),
        Message = new SpoolId(entry.Message),
        NextHop = NextHops[entry.NextHop],
        Since = new DateTimeOffset(entry.Since, TimeSpan.Zero),
        Due = new DateTimeOffset(entry.Due, TimeSpan.Zero),
        Attempts = entry.Attempts,
        Version = entry.Version,
        IsHeld = entry.IsHeld,
        Size = Bodies[entry.Body].Length,
        Starts = entry.Starts,
        Priority = entry.Priority,
        HasDeadline = entry.HasDeadline,
    };

    private static void SetState(ref EntrySlot entry, in StateHead head)
    {
        entry.Version = head.Version;
        entry.Attempts = (ushort)Math.Min(head.Attempts, ushort.MaxValue);
        entry.Due = head.Due;
        entry.Starts = head.Starts;
        entry.IsHeld = head.IsHeld;
    }

    private void ApplyEnvelope(ulong id, ref RecordReader reader, Location at, IndexChanges? changes)
    {
        var message = reader.UInt64();
        var body = reader.UInt64();
        var since = (long)reader.UInt64();
        var head = EntryRecord.ReadHead(ref reader);
        var slot = Entries.Find(id);
        if (slot >= 0)
        {
            // The cleaner has moved it, or the snapshot had it already.
            ref var known = ref Entries[slot];
            CountRecord(known.Envelope, -1);
            known.Envelope = at;
            CountRecord(at, 1);
            ApplyState(ref known, head, at);
            return;
        }
        slot = Entries.Add(id);
        ref var entry = ref Entries[slot];
        entry.Message = message;
        entry.Since = since;
        entry.Flags = head.Flags;
        entry.NextHop = NextHops.Use(reader.Octets());
        entry.Envelope = at;
        entry.State = at;
        SetState(ref entry, head);
        CountRecord(at, 2);
        entry.Body = UseBody(body);
        changes?.Entries.Add(Describe(entry));
    }

    private void ApplyState(ref EntrySlot entry, in StateHead head, Location at)
    {
        if (head.Version < entry.Version)
            return;
        var starts = head.Version == entry.Version ? Math.Max(entry.Starts, head.Starts) : head.Starts;
        CountRecord(entry.State, -1);
        entry.State = at;
        CountRecord(at, 1);
        SetState(ref entry, head with { Starts = starts });
    }

    private int UseBody(ulong id)
    {
        var slot = Bodies.Find(id);
        if (slot < 0)
            slot = Bodies.Add(id);
        Bodies[slot].Users++;
        return slot;
    }

    private void RemoveBody(int slot)
    {
        CountBody(Bodies[slot], -1);
        Bodies.Remove(slot);
    }

    private void CountRecord(Location at, int change)
    {
        if (Find(at) is { } segment)
            segment.LiveRecords += change;
    }

    private void CountBody(in BodySlot body, int change)
    {
        if (Find(body.At) is not { } segment)
            return;
        segment.LiveBodies += change;
        segment.LiveBodyOctets += change * Layout.StoredLength(body.Length);
    }

    private Segment? Find(Location at)
    {
        if (at.IsNone || at.IsSpill)
            return null;
        if (last?.Number != at.Segment)
            last = segments.GetValueOrDefault(at.Segment);
        return last;
    }
}

/// <summary>What one application of records changed for others.</summary>
internal sealed class IndexChanges
{
    /// <summary>Entries that came.</summary>
    public List<SpoolEntry> Entries { get; } = [];

    /// <summary>Files of bodies that nobody uses any more.</summary>
    public List<ulong> Spills { get; } = [];

    public void Clear()
    {
        Entries.Clear();
        Spills.Clear();
    }
}
