using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// One batch in the making: the records of its commits copied one behind the other, their bodies as
/// the pieces they lie in. The buffers are used again for the next.
/// </summary>
/// <param name="recent">Where it is put together, kept and written from as blocks; null to write it from its pieces.</param>
internal sealed class Batch(RecentBatches? recent = null)
{
    private static readonly byte[] Padding = new byte[Layout.Block];

    private readonly List<ReadOnlyMemory<byte>> bodies = [];
    private readonly List<ReadOnlyMemory<byte>> pieces = [];
    private byte[] head = new byte[64 << 10];

    public int RecordsLength { get; private set; }

    public long BodiesLength { get; private set; }

    /// <summary>Octets on disk, the padding included.</summary>
    public long Length => LengthWith(0, 0);

    public ReadOnlySpan<byte> Records => head.AsSpan(Layout.BatchHeader, RecordsLength);

    /// <summary>The bodies' pieces, to add to.</summary>
    public List<ReadOnlyMemory<byte>> Bodies => bodies;

    public long LengthWith(long records, long bodies) =>
        Layout.AlignBlock(Layout.BatchHeader + RecordsLength + records + BodiesLength + bodies);

    public void Clear()
    {
        RecordsLength = 0;
        BodiesLength = 0;
        bodies.Clear();
        pieces.Clear();
    }

    /// <summary>Adds records; their bodies were added to <see cref="Bodies"/>.</summary>
    public void Add(ReadOnlySpan<byte> records, long bodiesLength)
    {
        var needed = Layout.BatchHeader + RecordsLength + records.Length;
        if (head.Length < needed)
            Array.Resize(ref head, Math.Max(needed, head.Length * 2));
        records.CopyTo(head.AsSpan(Layout.BatchHeader + RecordsLength));
        RecordsLength += records.Length;
        BodiesLength += bodiesLength;
    }

    /// <summary>Writes the batch behind the chain's last one.</summary>
    public DiskError Write(SegmentChain chain, SpoolKey key, uint epoch, ulong sequence)
    {
        var segment = chain.Active!;
        var length = Length;
        new BatchHeader(
            sequence,
            segment.Number,
            checked((uint)segment.End),
            epoch,
            chain.Durable,
            checked((uint)length),
            (uint)RecordsLength,
            (uint)BodiesLength,
            Digest(Records, key),
            chain.Kind).Write(head, key);
        pieces.Clear();
        pieces.Add(head.AsMemory(0, Layout.BatchHeader + RecordsLength));
        pieces.AddRange(bodies);
        pieces.Add(Padding.AsMemory(0, (int)(length - Layout.BatchHeader - RecordsLength - BodiesLength)));
        if (recent is null || length > recent.LongestBatch)
            return chain.Write(pieces, length, sequence);
        var blocks = recent.Reserve((int)length);
        var left = blocks.Span;
        foreach (var piece in pieces)
        {
            piece.Span.CopyTo(left);
            left = left[piece.Length..];
        }
        var offset = segment.End;
        var error = chain.Write(blocks, sequence);
        if (!error.IsError)
            recent.Keep(segment.Number, offset, blocks.Length);
        return error;
    }

    /// <summary>Applies the batch, which is durable now, to the index.</summary>
    public void ApplyTo(SpoolIndex index, Segment segment, SpoolKey key, ulong sequence, IndexChanges? changes)
    {
        var records = Records;
        lock (index.Sync)
        {
            var start = checked((uint)(segment.End - Length)) + Layout.BatchHeader;
            var nextBody = start + (uint)records.Length;
            for (var at = 0; at < records.Length;)
            {
                if (!Record.TryRead(records[at..], key, out var record))
                    throw new InvalidDataException("A record changed in memory while it was written.");
                index.Apply(record, new Location(segment.Number, start + (uint)at), ref nextBody, changes);
                at += (int)Layout.Align8(Layout.RecordHeader + record.Payload.Length);
            }
            index.Sequence = sequence;
        }
    }

    /// <summary>The checksum over the records' checksums and lengths.</summary>
    public static uint Digest(ReadOnlySpan<byte> records, SpoolKey key)
    {
        var digest = key.Seed;
        while (records.Length >= Layout.RecordHeader)
        {
            digest = Crc32C.Append(digest, records[..8]);
            var length = Layout.Align8(Record.LengthAt(records));
            if (length == 0 || length > records.Length)
                break;
            records = records[(int)length..];
        }
        return digest;
    }
}
