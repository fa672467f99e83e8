namespace Postrider.Queue.Spool;

/// <summary>A body in memory: blocks of one size, the last one as long as it needs to be.</summary>
internal sealed class MemoryBody(SpoolId id)
{
    private const int BlockSize = 64 * 1024;
    private const int FirstBlock = 4 * 1024;

    private readonly List<byte[]> blocks = [];

    public SpoolId Id { get; } = id;

    public long Length { get; private set; }

    /// <summary>How many envelopes refer to it (rule 2).</summary>
    public int References { get; set; }

    public void Append(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            var start = (int)(Length % BlockSize);
            if (start == 0)
                blocks.Add(new byte[Math.Min(BlockSize, Math.Max(FirstBlock, octets.Length))]);
            var count = Math.Min(octets.Length, BlockSize - start);
            var block = blocks[^1];
            if (start + count > block.Length)
            {
                Array.Resize(ref block, Math.Min(BlockSize, Math.Max(start + count, block.Length * 2)));
                blocks[^1] = block;
            }
            octets[..count].CopyTo(block.AsSpan(start));
            octets = octets[count..];
            Length += count;
        }
    }

    public int Read(long offset, Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length && offset < Length)
        {
            var start = (int)(offset % BlockSize);
            var count = (int)Math.Min(Math.Min(buffer.Length - read, BlockSize - start), Length - offset);
            blocks[(int)(offset / BlockSize)].AsSpan(start, count).CopyTo(buffer[read..]);
            read += count;
            offset += count;
        }
        return read;
    }

    /// <summary>Lets go of it, and forgets it when no envelope refers to it any more.</summary>
    public void Release(MemoryStore store, int references)
    {
        References -= references;
        if (References > 0)
            return;
        store.Bodies.Remove(Id);
        store.Use(-Length);
    }
}

internal sealed class MemoryBodyReader(MemoryBody body) : IBodyReader
{
    public long Length => body.Length;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<int>(cancellationToken)
            : new(body.Read(offset, buffer.Span));

    public ValueTask DisposeAsync() => default;
}

internal sealed class MemoryBodyWriter(MemoryStore store) : IBodyWriter
{
    private bool isDone;

    public SpoolId Id => Body.Id;

    public long Length => Body.Length;

    public MemoryBody Body { get; } = new(store.NewId());

    public bool BelongsTo(MemoryStore other) => !isDone && ReferenceEquals(store, other);

    public void TakeOver() => isDone = true;

    public ValueTask<SpoolFault> WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDone, this);
        // An eighth more than new mail may use is kept for reports, which let the queue empty itself (rule 14).
        if (store.Used + octets.Length > store.Capacity + (store.Capacity / 8))
            return new(SpoolFault.NoSpace);
        Body.Append(octets.Span);
        store.Use(octets.Length);
        return new(SpoolFault.None);
    }

    public ValueTask DisposeAsync()
    {
        if (!isDone)
        {
            isDone = true;
            store.Use(-Length);
        }
        return default;
    }
}
