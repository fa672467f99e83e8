using System.Buffers;

namespace Postrider.Queue.Disk;

/// <summary>An open file of Linux or macOS.</summary>
internal sealed class UnixFile(string path, int number) : IDiskFile
{
    // One call takes at most so many pieces (IOV_MAX of Linux and macOS).
    private const int PiecesAtOnce = 1024;

    private readonly Descriptor descriptor = new(number);
    private readonly Lock directGate = new();
    private Descriptor? direct;
    private bool isDirectRefused;
    private bool isDisposed;

    public DiskError Length(out long length)
    {
        using var use = descriptor.Use();
        length = UnixCalls.Seek(use.Number, 0, UnixCalls.SeekEnd);
        return length < 0 ? UnixCalls.LastError() : DiskError.None;
    }

    public unsafe DiskError Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var most = Math.Min(pieces.Count, PiecesAtOnce);
        var pins = ArrayPool<MemoryHandle>.Shared.Rent(most);
        var vectors = ArrayPool<UnixCalls.Vector>.Shared.Rent(most);
        var pinned = 0;
        try
        {
            for (var next = 0; next < pieces.Count;)
            {
                long length = 0;
                for (; next < pieces.Count && pinned < most; next++)
                {
                    var piece = pieces[next];
                    if (piece.IsEmpty)
                        continue;
                    pins[pinned] = piece.Pin();
                    vectors[pinned] = new UnixCalls.Vector { Start = (nint)pins[pinned].Pointer, Length = piece.Length };
                    length += piece.Length;
                    pinned++;
                }
                var error = WriteAll(descriptor, offset, vectors.AsSpan(0, pinned));
                if (error.IsError)
                    return error;
                offset += length;
                while (pinned > 0)
                    pins[--pinned].Dispose();
            }
            return DiskError.None;
        }
        finally
        {
            while (pinned > 0)
                pins[--pinned].Dispose();
            ArrayPool<MemoryHandle>.Shared.Return(pins);
            ArrayPool<UnixCalls.Vector>.Shared.Return(vectors);
        }
    }

    public unsafe DiskError WriteBlocks(long offset, ReadOnlyMemory<byte> blocks)
    {
        using var pin = blocks.Pin();
        if (Direct() is { } past)
        {
            Span<UnixCalls.Vector> whole = [new UnixCalls.Vector { Start = (nint)pin.Pointer, Length = blocks.Length }];
            var error = WriteAll(past, offset, whole);
            if (error.Number != UnixCalls.InvalidArgument)
                return error;
            // It opens files so, but does not write to them: nothing was written yet of what it refuses.
            isDirectRefused = true;
        }
        Span<UnixCalls.Vector> vectors = [new UnixCalls.Vector { Start = (nint)pin.Pointer, Length = blocks.Length }];
        return WriteAll(descriptor, offset, vectors);
    }

    public unsafe DiskError Read(long offset, Span<byte> buffer, out int read)
    {
        using var use = descriptor.Use();
        read = 0;
        while (!buffer.IsEmpty)
        {
            nint count;
            fixed (byte* start = buffer)
                count = UnixCalls.ReadAt(use.Number, start, buffer.Length, offset);
            if (count == 0)
                break;
            if (count < 0)
            {
                if (UnixCalls.IsInterrupted())
                    continue;
                return UnixCalls.LastError();
            }
            read += (int)count;
            offset += count;
            buffer = buffer[(int)count..];
        }
        return DiskError.None;
    }

    public DiskError SyncData()
    {
        using var use = descriptor.Use();
        int result;
        do
        {
            // fsync on macOS leaves the data in the drive's cache; only this command flushes that.
            result = OperatingSystem.IsMacOS() ? UnixCalls.Control(use.Number, UnixCalls.FullSync) : UnixCalls.SyncData(use.Number);
        }
        while (result < 0 && UnixCalls.IsInterrupted());
        return result < 0 ? UnixCalls.LastError() : DiskError.None;
    }

    public void StartWriteOut()
    {
        using var use = descriptor.Use();
        // The whole file (length 0), without waiting; only Linux has the call.
        if (OperatingSystem.IsLinux())
            _ = UnixCalls.SyncRange(use.Number, 0, 0, UnixCalls.WriteWithoutWaiting);
    }

    public DiskError SyncAll()
    {
        if (OperatingSystem.IsMacOS())
            return SyncData();
        using var use = descriptor.Use();
        int result;
        do
            result = UnixCalls.Sync(use.Number);
        while (result < 0 && UnixCalls.IsInterrupted());
        return UnixCalls.Result(result);
    }

    public DiskError SetLength(long length)
    {
        using var use = descriptor.Use();
        int result;
        do
            result = UnixCalls.Truncate(use.Number, length);
        while (result < 0 && UnixCalls.IsInterrupted());
        return UnixCalls.Result(result);
    }

    public void Dispose()
    {
        descriptor.Dispose();
        lock (directGate)
        {
            isDisposed = true;
            direct?.Dispose();
        }
    }

    // The same file, opened a second time to be written past the cache; null where the system does not do that.
    private Descriptor? Direct()
    {
        if (direct is not null || isDirectRefused)
            return isDirectRefused ? null : direct;
        lock (directGate)
        {
            if (!isDisposed && UnixCalls.Direct != 0)
            {
                var second = UnixCalls.Open(path, UnixCalls.CloseOnExec | UnixCalls.ReadAndWrite | UnixCalls.Direct, UnixCalls.FileMode);
                direct = second < 0 ? null : new Descriptor(second);
            }
            isDirectRefused = direct is null;
            return direct;
        }
    }

    private static unsafe DiskError WriteAll(Descriptor target, long offset, Span<UnixCalls.Vector> vectors)
    {
        using var use = target.Use();
        while (!vectors.IsEmpty)
        {
            nint count;
            fixed (UnixCalls.Vector* first = vectors)
                count = UnixCalls.WriteAt(use.Number, first, vectors.Length, offset);
            if (count < 0)
            {
                if (UnixCalls.IsInterrupted())
                    continue;
                return UnixCalls.LastError();
            }
            if (count == 0)
                return UnixCalls.FromNumber(UnixCalls.InputOutput);
            offset += count;
            while (!vectors.IsEmpty && count >= vectors[0].Length)
            {
                count -= vectors[0].Length;
                vectors = vectors[1..];
            }
            if (count > 0)
                vectors[0] = new UnixCalls.Vector { Start = vectors[0].Start + count, Length = vectors[0].Length - count };
        }
        return DiskError.None;
    }
}
