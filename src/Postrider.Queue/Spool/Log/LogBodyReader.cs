using System.Buffers;
using System.Buffers.Binary;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// Reads a body from its segment, which it holds, or from its file. Each slice is compared with its
/// checksum before an octet of it is given (rule 12).
/// </summary>
internal sealed class LogBodyReader : IBodyReader
{
    private readonly string _path;
    private readonly Segment? _segment;
    private readonly IDiskFile _file;
    private readonly long _start;
    private readonly uint _seed;
    private readonly uint _checksum;
    private readonly IDisk _disk;
    private readonly Action? _release;
    private uint[]? _table;
    private byte[]? _slice;
    private long _sliceNumber = -1;
    private int _disposed;

    /// <summary>Makes a reader of a body in a file of its own, which it closes.</summary>
    /// <param name="file">Where the body lies.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="body">The body.</param>
    /// <param name="seed">Where its checksums begin.</param>
    /// <param name="disk">Does the reads that may have to wait.</param>
    public LogBodyReader(IDiskFile file, string path, in BodySlot body, uint seed, IDisk disk)
    {
        _file = file;
        _path = path;
        _seed = seed;
        _checksum = body.Checksum;
        _disk = disk;
        Length = body.Length;
    }

    /// <summary>Makes a reader of a body in the log.</summary>
    /// <param name="segment">Where it lies, open and pinned.</param>
    /// <param name="body">The body.</param>
    /// <param name="seed">Where its checksums begin.</param>
    /// <param name="disk">Does the reads that may have to wait.</param>
    /// <param name="release">What is done at the end.</param>
    public LogBodyReader(Segment segment, in BodySlot body, uint seed, IDisk disk, Action release)
        : this(segment.File!, segment.Path, body, seed, disk)
    {
        _segment = segment;
        _start = body.At.Offset;
        _release = release;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        if (offset == Length || buffer.IsEmpty)
            return new(0);
        return IsInMemory ? new(Read(offset, buffer)) : _disk.RunAsync(() => Read(offset, buffer));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return default;
        if (_slice is not null)
            ArrayPool<byte>.Shared.Return(_slice);
        if (_release is null)
            _file.Dispose();
        else
            _release();
        return default;
    }

    // A body lies in one batch as a whole.
    private bool IsInMemory => _segment?.IsInMemory(_start, Length) == true;

    private int Read(long offset, Memory<byte> buffer)
    {
        var total = 0;
        while (!buffer.IsEmpty && offset < Length)
        {
            var number = offset / Layout.Slice;
            var within = (int)(offset % Layout.Slice);
            var length = (int)Math.Min(Layout.Slice, Length - (number * Layout.Slice));
            int count;
            if (within == 0 && buffer.Length >= length)
            {
                ReadSlice(number, buffer.Span[..length]);
                count = length;
            }
            else
            {
                _slice ??= ArrayPool<byte>.Shared.Rent(Layout.Slice);
                if (_sliceNumber != number)
                {
                    _sliceNumber = -1;
                    ReadSlice(number, _slice.AsSpan(0, length));
                    _sliceNumber = number;
                }
                count = Math.Min(buffer.Length, length - within);
                _slice.AsSpan(within, count).CopyTo(buffer.Span);
            }
            total += count;
            offset += count;
            buffer = buffer[count..];
        }
        return total;
    }

    private void ReadSlice(long number, Span<byte> target)
    {
        var at = _start + (number * Layout.Slice);
        ReadFully(at, target);
        if (Crc32C.Append(_seed, target) != SliceChecksum(number))
            throw new SpoolDamageException($"{_path} is damaged at {at}: {target.Length} octets of a body differ from their checksum.");
    }

    private uint SliceChecksum(long number)
    {
        if (Length <= Layout.Slice)
            return _checksum;
        if (_table is null)
        {
            var stored = new byte[Layout.SliceCount(Length) * 4];
            ReadFully(_start + Length, stored);
            if (Crc32C.Append(_seed, stored) != _checksum)
                throw new SpoolDamageException($"{_path} is damaged at {_start + Length}: the checksums of a body differ from their own.");
            var table = new uint[stored.Length / 4];
            for (var i = 0; i < table.Length; i++)
                table[i] = BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(i * 4));
            _table = table;
        }
        return _table[number];
    }

    private void ReadFully(long offset, Span<byte> target)
    {
        int read;
        var error = _segment is null ? _file.Read(offset, target, out read) : _segment.Read(offset, target, out read);
        if (error.IsError)
            throw new SpoolDamageException($"{_path} cannot be read at {offset}: {SpoolFolder.Reason(error)}.");
        if (read < target.Length)
            throw new SpoolDamageException($"{_path} ends at {offset + read}, within a body.");
    }
}
