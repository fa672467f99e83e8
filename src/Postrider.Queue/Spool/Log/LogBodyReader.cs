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
    private readonly string path;
    private readonly Segment? segment;
    private readonly IDiskFile file;
    private readonly long start;
    private readonly uint seed;
    private readonly uint checksum;
    private readonly IDisk disk;
    private readonly Action? release;
    private uint[]? table;
    private byte[]? slice;
    private long sliceNumber = -1;
    private int disposed;

    /// <summary>Makes a reader of a body in a file of its own, which it closes.</summary>
    /// <param name="file">Where the body lies.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="body">The body.</param>
    /// <param name="seed">Where its checksums begin.</param>
    /// <param name="disk">Does the reads that may have to wait.</param>
    public LogBodyReader(IDiskFile file, string path, in BodySlot body, uint seed, IDisk disk)
    {
        this.file = file;
        this.path = path;
        this.seed = seed;
        checksum = body.Checksum;
        this.disk = disk;
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
        this.segment = segment;
        start = body.At.Offset;
        this.release = release;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        if (offset == Length || buffer.IsEmpty)
            return new(0);
        return IsInMemory ? new(Read(offset, buffer)) : disk.RunAsync(() => Read(offset, buffer));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return default;
        if (slice is not null)
            ArrayPool<byte>.Shared.Return(slice);
        if (release is null)
            file.Dispose();
        else
            release();
        return default;
    }

    // A body lies in one batch as a whole.
    private bool IsInMemory => segment?.IsInMemory(start, Length) == true;

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
                slice ??= ArrayPool<byte>.Shared.Rent(Layout.Slice);
                if (sliceNumber != number)
                {
                    sliceNumber = -1;
                    ReadSlice(number, slice.AsSpan(0, length));
                    sliceNumber = number;
                }
                count = Math.Min(buffer.Length, length - within);
                slice.AsSpan(within, count).CopyTo(buffer.Span);
            }
            total += count;
            offset += count;
            buffer = buffer[count..];
        }
        return total;
    }

    private void ReadSlice(long number, Span<byte> target)
    {
        var at = start + (number * Layout.Slice);
        ReadFully(at, target);
        if (Crc32C.Append(seed, target) != SliceChecksum(number))
            throw new SpoolDamageException($"{path} is damaged at {at}: {target.Length} octets of a body differ from their checksum.");
    }

    private uint SliceChecksum(long number)
    {
        if (Length <= Layout.Slice)
            return checksum;
        if (table is null)
        {
            var stored = new byte[Layout.SliceCount(Length) * 4];
            ReadFully(start + Length, stored);
            if (Crc32C.Append(seed, stored) != checksum)
                throw new SpoolDamageException($"{path} is damaged at {start + Length}: the checksums of a body differ from their own.");
            var read = new uint[stored.Length / 4];
            for (var i = 0; i < read.Length; i++)
                read[i] = BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(i * 4));
            table = read;
        }
        return table[number];
    }

    private void ReadFully(long offset, Span<byte> target)
    {
        int read;
        var error = segment is null ? file.Read(offset, target, out read) : segment.Read(offset, target, out read);
        if (error.IsError)
            throw new SpoolDamageException($"{path} cannot be read at {offset}: {SpoolFolder.Reason(error)}.");
        if (read < target.Length)
            throw new SpoolDamageException($"{path} ends at {offset + read}, within a body.");
    }
}
