using System.Buffers;
using System.Buffers.Binary;

namespace Postrider.Queue.Spool.Log;

/// <summary>A batch that a walk found, to be applied.</summary>
/// <param name="Segment">Where it stands.</param>
/// <param name="Header">Its head.</param>
/// <param name="Records">Its records, in a rented array.</param>
/// <param name="Salvaged">Of a damaged one: the records of its whole commits, and where the body of each would begin; else null.</param>
internal sealed record ReplayBatch(Segment Segment, BatchHeader Header, byte[] Records, IReadOnlyList<(int At, uint Body)>? Salvaged)
{
    /// <summary>Whether the log says that it was durable; else it was found whole, that is all.</summary>
    public bool IsVouched { get; init; } = true;

    public uint RecordsStart => Header.Offset + Layout.BatchHeader;

    public uint BodiesStart => RecordsStart + Header.RecordsLength;

    public long End => (long)Header.Offset + Header.Length;

    public void Return() => ArrayPool<byte>.Shared.Return(Records);
}

/// <summary>
/// Walks the batches of one segment (rule 9). Where one is bad, a later one tells: if that was written
/// when the bad place was durable already, it is damage, set aside and passed by; otherwise the log
/// ends there. Bodies are read only of batches for which no later one vouches.
/// </summary>
internal sealed class SegmentWalk
{
    private const int FirstRead = 16 << 10;
    private const int ScanRead = 1 << 20;

    private readonly Segment segment;
    private readonly SpoolKey key;
    private readonly uint epoch;
    private readonly long knownEnd;
    private readonly long fileLength;
    private readonly Action<SpoolDamage> report;
    private readonly byte[] buffer = new byte[FirstRead];
    private ulong lastSequence;

    /// <summary>Prepares a walk.</summary>
    /// <param name="segment">The segment; its file is open.</param>
    /// <param name="key">The key of the spool.</param>
    /// <param name="epoch">The start that wrote it, or 0 where its header is lost.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="knownEnd">Where the next segment says that it ends, or 0 where nobody says.</param>
    /// <param name="fileLength">The length of its file.</param>
    /// <param name="report">Is told of damage.</param>
    public SegmentWalk(Segment segment, SpoolKey key, uint epoch, long from, long knownEnd, long fileLength, Action<SpoolDamage> report)
    {
        this.segment = segment;
        this.key = key;
        this.epoch = epoch;
        this.knownEnd = knownEnd;
        this.fileLength = fileLength;
        this.report = report;
        End = from;
    }

    private enum Found
    {
        Nothing,
        DamagedRecords,
        Batch,
    }

    /// <summary>Where the log in the segment ends, once all batches have been taken.</summary>
    public long End { get; private set; }

    public IEnumerable<ReplayBatch> Batches()
    {
        var limit = knownEnd > 0 ? knownEnd : fileLength;
        var unvouched = new Queue<ReplayBatch>();
        var at = End;
        while (at < limit)
        {
            var found = TryRead(at, out var batch);
            if (found == Found.Batch && (knownEnd == 0 || batch!.End <= knownEnd))
            {
                while (unvouched.TryPeek(out var earlier) && earlier.End <= batch!.Header.DurableBefore)
                    yield return unvouched.Dequeue();
                lastSequence = batch!.Header.Sequence;
                at = batch.End;
                if (knownEnd == 0)
                {
                    unvouched.Enqueue(batch);
                    continue;
                }
                if (at > fileLength)
                    report(new SpoolDamage(segment.Path, fileLength, at - fileLength, "The file ends within a batch; bodies in it are lost."));
                yield return batch;
                continue;
            }
            if (found == Found.Batch)
                batch!.Return();
            var next = FindNext(at, limit);
            if (next == 0 && knownEnd == 0)
            {
                if (found == Found.DamagedRecords)
                    batch!.Return();
                break;
            }
            // What a later batch or the next segment knew to be durable is damage.
            while (unvouched.Count > 0)
                yield return unvouched.Dequeue();
            var end = next == 0 ? limit : next;
            if (found == Found.DamagedRecords && batch!.End <= end && Salvage(batch) is { } salvaged)
            {
                report(new SpoolDamage(segment.Path, at, batch.Header.Length, "Records of a batch are damaged; its other commits are kept."));
                at = batch.End;
                yield return salvaged;
                continue;
            }
            if (found == Found.DamagedRecords)
                batch!.Return();
            report(new SpoolDamage(segment.Path, at, end - at, "A part of the log is damaged; what it held is lost."));
            at = end;
        }
        while (unvouched.TryDequeue(out var last))
        {
            if (!AreBodiesRight(last))
            {
                at = last.Header.Offset;
                foreach (var later in unvouched)
                    later.Return();
                last.Return();
                break;
            }
            yield return last with { IsVouched = false };
        }
        End = at;
    }

    /// <summary>The first header of a batch anywhere in a file whose own header is lost.</summary>
    /// <param name="segment">The file.</param>
    /// <param name="key">The key of the spool.</param>
    /// <param name="header">The header found.</param>
    /// <param name="isBlank">Whether nothing but zeros stands behind the first block: it was never used.</param>
    public static bool FindAnyBatch(Segment segment, SpoolKey key, out BatchHeader header, out bool isBlank)
    {
        var octets = new byte[ScanRead];
        isBlank = true;
        for (long at = Layout.Block; ; at += octets.Length)
        {
            if (segment.File!.Read(at, octets, out var read).IsError)
            {
                read = 0;
                isBlank = false;
            }
            isBlank &= !octets.AsSpan(0, read).ContainsAnyExcept((byte)0);
            for (var block = 0; block + Layout.BatchHeader <= read; block += Layout.Block)
            {
                if (BatchHeader.TryRead(octets.AsSpan(block), key, 0, at + block, out header))
                    return true;
            }
            if (read < octets.Length)
                break;
        }
        header = default;
        return false;
    }

    private Found TryRead(long at, out ReplayBatch? batch)
    {
        batch = null;
        var error = segment.File!.Read(at, buffer, out var read);
        if (error.IsError || !IsHeaderHere(buffer.AsSpan(0, read), at, out var header))
            return Found.Nothing;
        var length = (int)header.RecordsLength;
        var records = ArrayPool<byte>.Shared.Rent(Math.Max(length, 16));
        var have = Math.Min(length, read - Layout.BatchHeader);
        buffer.AsSpan(Layout.BatchHeader, have).CopyTo(records);
        if (have < length)
        {
            error = segment.File.Read(at + Layout.BatchHeader + have, records.AsSpan(have, length - have), out read);
            if (error.IsError)
                read = 0;
            records.AsSpan(have + read, length - have - read).Clear();
        }
        batch = new ReplayBatch(segment, header, records, Salvaged: null);
        return AreRecordsRight(records.AsSpan(0, length), header.Digest) ? Found.Batch : Found.DamagedRecords;
    }

    private bool IsHeaderHere(ReadOnlySpan<byte> source, long at, out BatchHeader header) =>
        BatchHeader.TryRead(source, key, segment.Number, at, out header)
        && (epoch == 0 || header.Epoch == epoch)
        && header.Sequence > lastSequence
        && header.Sequence >= segment.FirstSequence;

    private bool AreRecordsRight(ReadOnlySpan<byte> records, uint digest)
    {
        if (Batch.Digest(records, key) != digest)
            return false;
        while (!records.IsEmpty)
        {
            if (!Record.TryRead(records, key, out var record))
                return false;
            var length = (int)Layout.Align8(Layout.RecordHeader + record.Payload.Length);
            if (length > records.Length)
                return false;
            records = records[length..];
        }
        return true;
    }

    // The next batch that vouches for a place, or any where the end is known; 0 where there is none.
    private long FindNext(long bad, long limit)
    {
        var octets = new byte[ScanRead];
        for (var from = bad + Layout.Block; from < limit; from += octets.Length)
        {
            if (segment.File!.Read(from, octets, out var read).IsError)
                read = ReadBlocks(from, octets);
            for (var block = 0; block + Layout.BatchHeader <= read && from + block < limit; block += Layout.Block)
            {
                if (BinaryPrimitives.ReadUInt64LittleEndian(octets.AsSpan(block)) == key.Mark
                    && IsHeaderHere(octets.AsSpan(block), from + block, out var header)
                    && (knownEnd > 0 || header.DurableBefore > bad))
                    return from + block;
            }
            if (read < octets.Length)
                break;
        }
        return 0;
    }

    // Where a sector cannot be read, the blocks around it can.
    private int ReadBlocks(long from, byte[] buffer)
    {
        Array.Clear(buffer);
        for (var at = 0; at < buffer.Length && from + at < fileLength; at += Layout.Block)
        {
            if (segment.File!.Read(from + at, buffer.AsSpan(at, Layout.Block), out _).IsError)
                buffer.AsSpan(at, Layout.Block).Clear();
        }
        return (int)Math.Min(buffer.Length, Math.Max(0, fileLength - from));
    }

    // Whole commits before and behind the damage. Bodies before it are counted from the front, those behind from the end.
    private ReplayBatch? Salvage(ReplayBatch batch)
    {
        var records = batch.Records.AsSpan(0, (int)batch.Header.RecordsLength);
        var commits = new List<(int Start, List<(int At, long Body)> Records, bool IsBehind)>();
        var commit = new List<(int At, long Body)>();
        long bodies = 0;
        long behind = 0;
        var isBehind = false;
        var isWhole = true;
        for (var at = 0; at < records.Length;)
        {
            if (!Record.TryRead(records[at..], key, out var record))
            {
                isBehind = true;
                isWhole = false;
                behind = 0;
                commits.RemoveAll(known => known.IsBehind);
                commit.Clear();
                at += 8;
                continue;
            }
            if (record.IsFirstOfCommit)
            {
                isWhole = true;
                commit.Clear();
            }
            var length = record.Kind == RecordKind.Body ? record.StoredBodyLength : 0;
            commit.Add((at, isBehind ? behind : bodies));
            if (isBehind)
                behind += length;
            else
                bodies += length;
            if (record.IsLastOfCommit && isWhole)
                commits.Add((at, [.. commit], isBehind));
            at += (int)Layout.Align8(Layout.RecordHeader + record.Payload.Length);
        }
        if (commits.Count == 0)
            return null;
        var bodiesEnd = batch.BodiesStart + batch.Header.BodiesLength;
        return batch with
        {
            Salvaged =
            [
                .. commits.SelectMany(known => known.Records.Select(record =>
                    (record.At, (uint)(known.IsBehind ? bodiesEnd - behind + record.Body : batch.BodiesStart + record.Body)))),
            ],
        };
    }

    private bool AreBodiesRight(ReplayBatch batch)
    {
        var records = batch.Records.AsSpan(0, (int)batch.Header.RecordsLength);
        long at = batch.BodiesStart;
        while (Record.TryRead(records, key, out var record))
        {
            if (record.Kind == RecordKind.Body && record.StoredBodyLength is > 0 and var stored)
            {
                var reader = new RecordReader(record.Payload);
                reader.UInt64();
                reader.Byte();
                var length = (long)reader.UInt64();
                var octets = ArrayPool<byte>.Shared.Rent((int)stored);
                var error = segment.File!.Read(at, octets.AsSpan(0, (int)stored), out var read);
                var isRight = !error.IsError && read == stored
                    && BodyChecksums.AreRight(octets.AsSpan(0, (int)stored), length, reader.UInt32(), key.Seed);
                ArrayPool<byte>.Shared.Return(octets);
                if (!isRight)
                    return false;
                at += stored;
            }
            records = records[(int)Layout.Align8(Layout.RecordHeader + record.Payload.Length)..];
        }
        return true;
    }
}
