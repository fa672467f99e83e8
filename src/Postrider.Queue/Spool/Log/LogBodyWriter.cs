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

    private readonly SpoolFolder folder;
    private readonly LogSpoolOptions options;
    private readonly BodyMemory memory;
    private readonly SegmentPool pool;
    private readonly uint seed;
    private readonly List<(byte[] Octets, int Used)> chunks = [];
    private readonly List<uint> slices = [];
    private uint slice;
    private int inSlice;
    private byte[]? table;
    private IDiskFile? file;
    private long written;
    private long flushed;
    private readonly Lock sync = new();
    private SpoolFault fault;
    private State state;
    private int holds;
    private bool isUnwanted;

    public LogBodyWriter(SpoolId id, SpoolFolder folder, LogSpoolOptions options, BodyMemory memory, SegmentPool pool, uint seed)
    {
        Id = id;
        this.folder = folder;
        this.options = options;
        this.memory = memory;
        this.pool = pool;
        this.seed = seed;
        slice = seed;
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

    public bool IsSpilled => file is not null;

    /// <summary>Of a sealed body: the checksum of its slice, or of the table of several.</summary>
    public uint Checksum { get; private set; }

    /// <summary>Octets it takes in a batch.</summary>
    public long LogLength => IsSpilled ? 0 : Layout.StoredLength(Length);

    /// <inheritdoc/>
    public ValueTask<SpoolFault> WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        if (state != State.Open)
            throw new InvalidOperationException($"Body {Id} is complete.");
        if (fault != SpoolFault.None)
            return new(fault);
        if (!IsSpilled && Length + octets.Length <= options.LargestLogBody && TryKeep(octets, out octets))
            return new(SpoolFault.None);
        return SpillAsync(octets);
    }

    /// <summary>Completes the body before its commit: of a spilled one, file and name are durable then.</summary>
    public async ValueTask<SpoolFault> SealAsync()
    {
        if (state == State.Sealed || (fault != SpoolFault.None && state == State.Open))
            return fault;
        if (state != State.Open)
            throw new InvalidOperationException($"Body {Id} has been {(state == State.Committed ? "committed already" : "disposed of")}.");
        if (inSlice > 0 || slices.Count == 0)
            slices.Add(slice);
        Checksum = slices[0];
        if (slices.Count > 1)
        {
            table = new byte[slices.Count * 4];
            for (var i = 0; i < slices.Count; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(i * 4), slices[i]);
            Checksum = Crc32C.Append(seed, table);
        }
        if (IsSpilled)
        {
            var error = await folder.Disk.RunAsync(FinishFile);
            if (error.IsError)
                return Fail(error);
        }
        state = State.Sealed;
        return SpoolFault.None;
    }

    /// <summary>The octets of a sealed body that go into the batch.</summary>
    public void AddPieces(List<ReadOnlyMemory<byte>> pieces)
    {
        if (IsSpilled)
            return;
        foreach (var (octets, used) in chunks)
            pieces.Add(octets.AsMemory(0, used));
        if (table is not null)
            pieces.Add(table);
    }

    /// <summary>A commit with it is on its way: until the answer its memory is the committer's, whatever its owner does.</summary>
    public void Hold()
    {
        lock (sync)
            holds++;
    }

    /// <summary>The commit has been answered.</summary>
    /// <param name="isCommitted">Whether the spool has it now; else it is its owner's again.</param>
    public void Release(bool isCommitted)
    {
        lock (sync)
        {
            holds--;
            if (isCommitted)
            {
                state = State.Committed;
                Free();
                file?.Dispose();
            }
            else if (isUnwanted && holds == 0 && state != State.Committed)
            {
                _ = Forget();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (sync)
        {
            if (state is State.Committed or State.Disposed)
                return;
            if (holds > 0)
            {
                isUnwanted = true;
                return;
            }
        }
        await Forget();
    }

    private Task Forget()
    {
        state = State.Disposed;
        Free();
        if (file is null)
            return Task.CompletedTask;
        file.Dispose();
        return folder.Disk.RunAsync(() => folder.Disk.Delete(folder.Spill(Id.Value))).AsTask();
    }

    private async ValueTask<SpoolFault> SpillAsync(ReadOnlyMemory<byte> octets)
    {
        if (!IsSpilled)
        {
            var error = await folder.Disk.RunAsync(() => folder.Disk.Open(folder.Spill(Id.Value), FileUse.CreateNew, out file));
            if (error.IsError)
                return Fail(error);
        }
        while (true)
        {
            var isKept = TryKeep(octets, out octets);
            var gathered = Length - written;
            if (gathered >= SpillWrite || (!isKept && gathered > 0))
            {
                if (!pool.HasRoom(gathered))
                    return fault = SpoolFault.NoSpace;
                var error = await folder.Disk.RunAsync(WriteGathered);
                if (error.IsError)
                    return Fail(error);
            }
            if (isKept)
                return SpoolFault.None;
            // Nothing to write and nothing to be had: one chunk beyond the budget keeps the body going.
            if (chunks.Count == 0)
                chunks.Add((memory.Rent(BodyMemory.LargestChunk, isNeeded: true)!, 0));
        }
    }

    // Copies what there is memory for; the rest is given back.
    private bool TryKeep(ReadOnlyMemory<byte> octets, out ReadOnlyMemory<byte> rest)
    {
        rest = octets;
        while (!rest.IsEmpty)
        {
            if (chunks.Count == 0 || chunks[^1].Used == chunks[^1].Octets.Length)
            {
                if (IsSpilled && Length - written >= SpillWrite)
                    return false;
                var chunk = memory.Rent(chunks.Count == 0 ? rest.Length : Math.Max(rest.Length, BodyMemory.LargestChunk), isNeeded: false);
                if (chunk is null)
                    return false;
                chunks.Add((chunk, 0));
            }
            var (buffer, used) = chunks[^1];
            var count = Math.Min(rest.Length, buffer.Length - used);
            var part = rest.Span[..count];
            part.CopyTo(buffer.AsSpan(used));
            chunks[^1] = (buffer, used + count);
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
            if (inSlice == Layout.Slice)
            {
                slices.Add(slice);
                slice = seed;
                inSlice = 0;
            }
            var part = octets[..Math.Min(octets.Length, Layout.Slice - inSlice)];
            slice = Crc32C.Append(slice, part);
            inSlice += part.Length;
            octets = octets[part.Length..];
        }
    }

    private DiskError WriteGathered()
    {
        var error = file!.Write(written, [.. chunks.Select(chunk => (ReadOnlyMemory<byte>)chunk.Octets.AsMemory(0, chunk.Used))]);
        if (error.IsError)
            return error;
        written = Length;
        for (var i = 0; i < chunks.Count; i++)
            chunks[i] = (chunks[i].Octets, 0);
        // All but the last chunk would stay empty: only the last is filled on.
        while (chunks.Count > 1)
        {
            memory.Return(chunks[0].Octets);
            chunks.RemoveAt(0);
        }
        if (written - flushed < options.SpillFlush)
            return DiskError.None;
        flushed = written;
        return file.SyncData();
    }

    private DiskError FinishFile()
    {
        var error = WriteGathered();
        if (!error.IsError && table is not null)
            error = file!.Write(Length, [table]);
        if (!error.IsError)
            error = file!.SyncData();
        return error.IsError ? error : folder.Disk.SyncDirectory(folder.Spills);
    }

    private SpoolFault Fail(DiskError error) => fault = error.IsNoSpace ? SpoolFault.NoSpace : SpoolFault.Failed;

    private void Free()
    {
        foreach (var (octets, _) in chunks)
            memory.Return(octets);
        chunks.Clear();
    }
}
