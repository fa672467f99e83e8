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

    private readonly SpoolKey _key;
    private readonly uint _epoch;
    private readonly SpoolIndex _index;
    private readonly SegmentPool _pool;
    private readonly SegmentChain _cold;
    private readonly Batch _batch = new();
    private readonly RecordWriter _writer = new();
    private readonly HashSet<uint> _damaged = [];
    private Segment? _victim;
    private int _nextEntry;
    private int _nextBody;
    private bool _isBroken;

    public Cleaner(SpoolKey key, uint epoch, SpoolIndex index, SegmentPool pool, SegmentChain cold)
    {
        _key = key;
        _epoch = epoch;
        _index = index;
        _pool = pool;
        _cold = cold;
    }

    /// <summary>Whether a segment is being emptied.</summary>
    public bool HasWork => _victim is not null;

    /// <summary>Looks for the emptiest segment that can be had; false where none is worth it.</summary>
    /// <param name="covered">The last batch that need not be replayed any more.</param>
    public bool Find(ulong covered)
    {
        if (_isBroken)
            return false;
        lock (_index.Sync)
        {
            foreach (var segment in _index.Segments.Values)
            {
                if (segment is { IsSealed: true, IsDead: false } && segment.LastSequence <= covered && !_damaged.Contains(segment.Number)
                    && segment.LivePercent < (_victim?.LivePercent ?? MostLivePercent))
                    _victim = segment;
            }
            if (_victim is null)
                return false;
            if (_pool.Open(_victim).IsError)
            {
                _damaged.Add(_victim.Number);
                _victim = null;
                return false;
            }
            _victim.Pins++;
        }
        _nextEntry = 0;
        _nextBody = 0;
        return true;
    }

    /// <summary>Moves some of it.</summary>
    /// <returns>Octets written.</returns>
    public long MoveSome(ref ulong nextSequence)
    {
        _batch.Clear();
        var end = Math.Min(_index.Entries.End, _nextEntry + SliceRows);
        for (; _nextEntry < end && _batch.Length < SliceOctets; _nextEntry++)
            MoveEntry(_index.Entries[_nextEntry]);
        if (_nextEntry == _index.Entries.End)
        {
            end = Math.Min(_index.Bodies.End, _nextBody + SliceRows);
            for (; _nextBody < end && _batch.Length < SliceOctets; _nextBody++)
                MoveBody(_index.Bodies[_nextBody]);
        }
        long written = 0;
        if (_batch.RecordsLength > 0)
        {
            var error = Write(nextSequence++);
            if (error.IsError)
            {
                _cold.Fail();
                // Where there was no room there may be some later; anything else is no disk to move mail to.
                _isBroken = !error.IsNoSpace;
                Leave();
                return 0;
            }
            written = _batch.Length;
        }
        if (_nextEntry >= _index.Entries.End && _nextBody >= _index.Bodies.End)
            Leave();
        return written;
    }

    public void Dispose() => _writer.Dispose();

    private DiskError Write(ulong sequence)
    {
        var error = _cold.Fits(_batch.Length) ? DiskError.None : _cold.Roll(_batch.Length, sequence);
        if (!error.IsError)
            error = _batch.Write(_cold, _key, _epoch, sequence);
        if (!error.IsError)
            error = _cold.Sync();
        if (error.IsError)
            return error;
        _batch.ApplyTo(_index, _cold.Active!, _key, sequence, changes: null);
        return DiskError.None;
    }

    private void MoveEntry(in EntrySlot entry)
    {
        var isEnvelope = entry.Envelope.Segment == _victim!.Number;
        if (entry.Id == 0 || !(isEnvelope || entry.State.Segment == _victim.Number))
            return;
        try
        {
            _writer.Clear();
            if (isEnvelope)
            {
                // With its state of now, so that the one record says all.
                var state = _index.Segments.GetValueOrDefault(entry.State.Segment)
                    ?? throw new SpoolDamageException("The segment of the state is lost.");
                var error = _pool.Open(state);
                if (error.IsError)
                    throw new SpoolDamageException($"{state.Path} cannot be opened: {SpoolFolder.Reason(error)}.");
                var (envelope, current) = StoredRecord.ReadEntry(_victim, state, entry, _key);
                _writer.Begin(RecordKind.Envelope);
                EntryRecord.WriteEnvelope(_writer, envelope, current, entry.Starts);
            }
            else
            {
                var (id, state) = StoredRecord.Read(_victim, entry.State, RecordKind.State, _key, static payload => EntryRecord.ReadState(payload));
                _writer.Begin(RecordKind.State);
                EntryRecord.WriteState(_writer, id, state, entry.Starts);
            }
            _writer.End(_key, isLastOfCommit: true);
            _batch.Add(_writer.Written, 0);
        }
        catch (SpoolDamageException)
        {
            // It stays where it is, and so does the segment: a later reader is told.
            _damaged.Add(_victim.Number);
        }
    }

    private void MoveBody(in BodySlot body)
    {
        if (body.Id == 0 || body.At.Segment != _victim!.Number)
            return;
        var octets = new byte[Layout.StoredLength(body.Length)];
        var error = _victim.File!.Read(body.At.Offset, octets, out var read);
        if (error.IsError || read < octets.Length || !BodyChecksums.AreRight(octets, body.Length, body.Checksum, _key.Seed))
        {
            _damaged.Add(_victim.Number);
            return;
        }
        _writer.Clear();
        _writer.Begin(RecordKind.Body);
        _writer.UInt64(body.Id);
        _writer.Byte(0);
        _writer.UInt64((ulong)body.Length);
        _writer.UInt32(body.Checksum);
        _writer.End(_key, isLastOfCommit: true);
        _batch.Add(_writer.Written, octets.Length);
        _batch.Bodies.Add(octets);
    }

    private void Leave()
    {
        lock (_index.Sync)
            _victim!.Pins--;
        _victim = null;
    }
}
