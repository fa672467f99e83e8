using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// Copies what is left of an almost empty segment into a cold one, in slices between batches, so that
/// its file can be used again (rule 13). A copy is a record like the first one; it is synced before
/// the index points to it. Used by the committer alone, which is the only one to change the index.
/// </summary>
internal sealed class Cleaner : IDisposable
{
    private const int MostLivePercent = 30;
    private const int SliceOctets = 1 << 20;
    private const int SliceRows = 32 * SlotTable<EntrySlot>.PageSize;

    private readonly SpoolKey key;
    private readonly uint epoch;
    private readonly SpoolIndex index;
    private readonly SegmentPool pool;
    private readonly SegmentChain cold;
    private readonly Batch batch = new();
    private readonly RecordWriter writer = new();
    private readonly HashSet<uint> damaged = [];
    private Segment? victim;
    private int nextEntry;
    private int nextBody;
    private bool isBroken;

    public Cleaner(SpoolKey key, uint epoch, SpoolIndex index, SegmentPool pool, SegmentChain cold)
    {
        this.key = key;
        this.epoch = epoch;
        this.index = index;
        this.pool = pool;
        this.cold = cold;
    }

    /// <summary>Whether a segment is being emptied.</summary>
    public bool HasWork => victim is not null;

    /// <summary>Looks for the emptiest segment that can be had; false where none is worth it.</summary>
    /// <param name="covered">The last batch that need not be replayed any more.</param>
    public bool Find(ulong covered)
    {
        if (isBroken)
            return false;
        lock (index.Sync)
        {
            foreach (var segment in index.Segments.Values)
            {
                if (segment is { IsSealed: true, IsDead: false } && segment.LastSequence <= covered && !damaged.Contains(segment.Number)
                    && segment.LivePercent < (victim?.LivePercent ?? MostLivePercent))
                    victim = segment;
            }
            if (victim is null)
                return false;
            if (pool.Open(victim).IsError)
            {
                damaged.Add(victim.Number);
                victim = null;
                return false;
            }
            victim.Pins++;
        }
        nextEntry = 0;
        nextBody = 0;
        return true;
    }

    /// <summary>Moves some of it.</summary>
    /// <returns>Octets written.</returns>
    public long MoveSome(ref ulong nextSequence)
    {
        batch.Clear();
        var end = Math.Min(index.Entries.End, nextEntry + SliceRows);
        for (; nextEntry < end && batch.Length < SliceOctets; nextEntry++)
            MoveEntry(index.Entries[nextEntry]);
        if (nextEntry == index.Entries.End)
        {
            end = Math.Min(index.Bodies.End, nextBody + SliceRows);
            for (; nextBody < end && batch.Length < SliceOctets; nextBody++)
                MoveBody(index.Bodies[nextBody]);
        }
        long written = 0;
        if (batch.RecordsLength > 0)
        {
            var error = Write(nextSequence++);
            if (error.IsError)
            {
                cold.Fail();
                // Where there was no room there may be some later; anything else is no disk to move mail to.
                isBroken = !error.IsNoSpace;
                Leave();
                return 0;
            }
            written = batch.Length;
        }
        if (nextEntry >= index.Entries.End && nextBody >= index.Bodies.End)
            Leave();
        return written;
    }

    public void Dispose() => writer.Dispose();

    private DiskError Write(ulong sequence)
    {
        var error = cold.Fits(batch.Length) ? DiskError.None : cold.Roll(batch.Length, sequence);
        if (!error.IsError)
            error = batch.Write(cold, key, epoch, sequence);
        if (!error.IsError)
            error = cold.Sync();
        if (error.IsError)
            return error;
        batch.ApplyTo(index, cold.Active!, key, sequence, changes: null);
        return DiskError.None;
    }

    private void MoveEntry(in EntrySlot entry)
    {
        var isEnvelope = entry.Envelope.Segment == victim!.Number;
        if (entry.Id == 0 || !(isEnvelope || entry.State.Segment == victim.Number))
            return;
        try
        {
            writer.Clear();
            if (isEnvelope)
            {
                // With its state of now, so that the one record says all.
                var state = index.Segments.GetValueOrDefault(entry.State.Segment)
                    ?? throw new SpoolDamageException("The segment of the state is lost.");
                var error = pool.Open(state);
                if (error.IsError)
                    throw new SpoolDamageException($"{state.Path} cannot be opened: {SpoolFolder.Reason(error)}.");
                var (envelope, current) = StoredRecord.ReadEntry(victim, state, entry, key);
                writer.Begin(RecordKind.Envelope);
                EntryRecord.WriteEnvelope(writer, envelope, current, entry.Starts);
            }
            else
            {
                var (id, state) = StoredRecord.Read(victim, entry.State, RecordKind.State, key, static payload => EntryRecord.ReadState(payload));
                writer.Begin(RecordKind.State);
                EntryRecord.WriteState(writer, id, state, entry.Starts);
            }
            writer.End(key, isLastOfCommit: true);
            batch.Add(writer.Written, 0);
        }
        catch (SpoolDamageException)
        {
            // It stays where it is, and so does the segment: a later reader is told.
            damaged.Add(victim.Number);
        }
    }

    private void MoveBody(in BodySlot body)
    {
        if (body.Id == 0 || body.At.Segment != victim!.Number)
            return;
        var octets = new byte[Layout.StoredLength(body.Length)];
        var error = victim.File!.Read(body.At.Offset, octets, out var read);
        if (error.IsError || read < octets.Length || !BodyChecksums.AreRight(octets, body.Length, body.Checksum, key.Seed))
        {
            damaged.Add(victim.Number);
            return;
        }
        writer.Clear();
        writer.Begin(RecordKind.Body);
        writer.UInt64(body.Id);
        writer.Byte(0);
        writer.UInt64((ulong)body.Length);
        writer.UInt32(body.Checksum);
        writer.End(key, isLastOfCommit: true);
        batch.Add(writer.Written, octets.Length);
        batch.Bodies.Add(octets);
    }

    private void Leave()
    {
        lock (index.Sync)
            victim!.Pins--;
        victim = null;
    }
}
