using System.Buffers.Binary;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// A body on its way in (rule 7): chunks of pooled memory while it is small, which the batch is
/// written from without a copy, and a file of its own when it grows or memory is short.
/// </summary>
internal sealed class LogBodyWriter : IBodyWriter
{
    // So much is gathered before a spilled body is written on.
    private const int SpillWrite = 256 << 10;

    private readonly SpoolFolder _folder;
    private readonly LogSpoolOptions _options;
    private readonly BodyMemory _memory;
    private readonly SegmentPool _pool;
    private readonly uint _seed;
    private readonly List<(byte[] Octets, int Used)> _chunks = [];
    private readonly List<uint> _slices = [];
    private uint _slice;
    private int _inSlice;
    private byte[]? _table;
    private IDiskFile? _file;
    private long _written;
    private long _flushed;
    private readonly Lock _sync = new();
    private SpoolFault _fault;
    private State _state;
    private int _holds;
    private bool _isUnwanted;

    public LogBodyWriter(SpoolId id, SpoolFolder folder, LogSpoolOptions options, BodyMemory memory, SegmentPool pool, uint seed)
    {
        Id = id;
        _folder = folder;
        _options = options;
        _memory = memory;
        _pool = pool;
        _seed = seed;
        _slice = seed;
    }

    private enum State
    {
        Open,
        Sealed,
        Committed,
        Disposed,
    }

    /// <inheritdoc/>
    public SpoolId Id { get; }

    /// <inheritdoc/>
    public long Length { get; private set; }

    public bool IsSpilled => _file is not null;

    /// <summary>Of a sealed body: the checksum of its slice, or of the table of several.</summary>
    public uint Checksum { get; private set; }

    /// <summary>Octets it takes in a batch.</summary>
    public long LogLength => IsSpilled ? 0 : Layout.StoredLength(Length);

    /// <inheritdoc/>
    public ValueTask<SpoolFault> WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        if (_state != State.Open)
            throw new InvalidOperationException($"Body {Id} is complete.");
        if (_fault != SpoolFault.None)
            return new(_fault);
        if (!IsSpilled && Length + octets.Length <= _options.LargestLogBody && TryKeep(octets, out octets))
            return new(SpoolFault.None);
        return SpillAsync(octets);
    }

    /// <summary>Completes the body before its commit: of a spilled one, file and name are durable then.</summary>
    public async ValueTask<SpoolFault> SealAsync()
    {
        if (_state == State.Sealed || (_fault != SpoolFault.None && _state == State.Open))
            return _fault;
        if (_state != State.Open)
            throw new InvalidOperationException($"Body {Id} has been {(_state == State.Committed ? "committed already" : "disposed of")}.");
        if (_inSlice > 0 || _slices.Count == 0)
            _slices.Add(_slice);
        Checksum = _slices[0];
        if (_slices.Count > 1)
        {
            _table = new byte[_slices.Count * 4];
            for (var i = 0; i < _slices.Count; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(_table.AsSpan(i * 4), _slices[i]);
            Checksum = Crc32C.Append(_seed, _table);
        }
        if (IsSpilled)
        {
            var error = await _folder.Disk.RunAsync(FinishFile);
            if (error.IsError)
                return Fail(error);
        }
        _state = State.Sealed;
        return SpoolFault.None;
    }

    /// <summary>The octets of a sealed body that go into the batch.</summary>
    public void AddPieces(List<ReadOnlyMemory<byte>> pieces)
    {
        if (IsSpilled)
            return;
        foreach (var (octets, used) in _chunks)
            pieces.Add(octets.AsMemory(0, used));
        if (_table is not null)
            pieces.Add(_table);
    }

    /// <summary>A commit with it is on its way: until the answer its memory is the committer's, whatever its owner does.</summary>
    public void Hold()
    {
        lock (_sync)
            _holds++;
    }

    /// <summary>The commit has been answered.</summary>
    /// <param name="isCommitted">Whether the spool has it now; else it is its owner's again.</param>
    public void Release(bool isCommitted)
    {
        lock (_sync)
        {
            _holds--;
            if (isCommitted)
            {
                _state = State.Committed;
                Free();
                _file?.Dispose();
            }
            else if (_isUnwanted && _holds == 0 && _state != State.Committed)
            {
                _ = Forget();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_sync)
        {
            if (_state is State.Committed or State.Disposed)
                return;
            if (_holds > 0)
            {
                _isUnwanted = true;
                return;
            }
        }
        await Forget();
    }

    private Task Forget()
    {
        _state = State.Disposed;
        Free();
        if (_file is null)
            return Task.CompletedTask;
        _file.Dispose();
        return _folder.Disk.RunAsync(() => _folder.Disk.Delete(_folder.Spill(Id.Value))).AsTask();
    }

    private async ValueTask<SpoolFault> SpillAsync(ReadOnlyMemory<byte> octets)
    {
        if (!IsSpilled)
        {
            var error = await _folder.Disk.RunAsync(() => _folder.Disk.Open(_folder.Spill(Id.Value), FileUse.CreateNew, out _file));
            if (error.IsError)
                return Fail(error);
        }
        while (true)
        {
            var isKept = TryKeep(octets, out octets);
            var gathered = Length - _written;
            if (gathered >= SpillWrite || (!isKept && gathered > 0))
            {
                if (!_pool.HasRoom(gathered))
                    return _fault = SpoolFault.NoSpace;
                var error = await _folder.Disk.RunAsync(WriteGathered);
                if (error.IsError)
                    return Fail(error);
            }
            if (isKept)
                return SpoolFault.None;
            // Nothing to write and nothing to be had: one chunk beyond the budget keeps the body going.
            if (_chunks.Count == 0)
                _chunks.Add((_memory.Rent(BodyMemory.LargestChunk, isNeeded: true)!, 0));
        }
    }

    // Copies what there is memory for; the rest is given back.
    private bool TryKeep(ReadOnlyMemory<byte> octets, out ReadOnlyMemory<byte> rest)
    {
        rest = octets;
        while (!rest.IsEmpty)
        {
            if (_chunks.Count == 0 || _chunks[^1].Used == _chunks[^1].Octets.Length)
            {
                if (IsSpilled && Length - _written >= SpillWrite)
                    return false;
                var chunk = _memory.Rent(_chunks.Count == 0 ? rest.Length : Math.Max(rest.Length, BodyMemory.LargestChunk), isNeeded: false);
                if (chunk is null)
                    return false;
                _chunks.Add((chunk, 0));
            }
            var (buffer, used) = _chunks[^1];
            var count = Math.Min(rest.Length, buffer.Length - used);
            var part = rest.Span[..count];
            part.CopyTo(buffer.AsSpan(used));
            _chunks[^1] = (buffer, used + count);
            AddToChecksum(part);
            Length += count;
            rest = rest[count..];
        }
        return true;
    }

    private void AddToChecksum(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_inSlice == Layout.Slice)
            {
                _slices.Add(_slice);
                _slice = _seed;
                _inSlice = 0;
            }
            var part = octets[..Math.Min(octets.Length, Layout.Slice - _inSlice)];
            _slice = Crc32C.Append(_slice, part);
            _inSlice += part.Length;
            octets = octets[part.Length..];
        }
    }

    private DiskError WriteGathered()
    {
        var error = _file!.Write(_written, [.. _chunks.Select(chunk => (ReadOnlyMemory<byte>)chunk.Octets.AsMemory(0, chunk.Used))]);
        if (error.IsError)
            return error;
        _written = Length;
        for (var i = 0; i < _chunks.Count; i++)
            _chunks[i] = (_chunks[i].Octets, 0);
        // All but the last chunk would stay empty: only the last is filled on.
        while (_chunks.Count > 1)
        {
            _memory.Return(_chunks[0].Octets);
            _chunks.RemoveAt(0);
        }
        if (_written - _flushed < _options.SpillFlush)
            return DiskError.None;
        _flushed = _written;
        return _file.SyncData();
    }

    private DiskError FinishFile()
    {
        var error = WriteGathered();
        if (!error.IsError && _table is not null)
            error = _file!.Write(Length, [_table]);
        if (!error.IsError)
            error = _file!.SyncData();
        return error.IsError ? error : _folder.Disk.SyncDirectory(_folder.Spills);
    }

    private SpoolFault Fail(DiskError error) => _fault = error.IsNoSpace ? SpoolFault.NoSpace : SpoolFault.Failed;

    private void Free()
    {
        foreach (var (octets, _) in _chunks)
            _memory.Return(octets);
        _chunks.Clear();
    }
}
