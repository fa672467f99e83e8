using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// Writes the last batches of the run before once more, into the fresh segment. They were found whole,
/// but perhaps in the page cache alone: after a sync that failed the kernel takes a page for clean that
/// never reached the disk, and no later sync writes it. What a start has shown must not go again.
/// Only what is still in force is written: the other chain may have gone on behind them.
/// </summary>
internal static class TailCopy
{
    public static DiskError Write(
        IReadOnlyList<(Segment Segment, BatchHeader Header)> tail, SegmentChain hot, SpoolKey key, uint epoch, SpoolIndex index)
    {
        var batch = new Batch();
        foreach (var (segment, header) in tail)
        {
            batch.Clear();
            var error = Gather(segment, header, key, index, batch);
            if (!error.IsError && batch.RecordsLength == 0)
                continue;
            var sequence = index.Sequence + 1;
            if (!error.IsError && !hot.Fits(batch.Length))
                error = hot.Roll(batch.Length, sequence);
            if (!error.IsError)
                error = batch.Write(hot, key, epoch, sequence);
            if (!error.IsError)
                error = hot.Sync();
            if (error.IsError)
            {
                hot.Fail();
                return error;
            }
            batch.ApplyTo(index, hot.Active!, key, sequence, changes: null);
        }
        return DiskError.None;
    }

    private static DiskError Gather(Segment segment, BatchHeader header, SpoolKey key, SpoolIndex index, Batch batch)
    {
        var records = new byte[header.RecordsLength];
        var start = header.Offset + Layout.BatchHeader;
        var error = segment.File!.Read(start, records, out var read);
        if (error.IsError || read < records.Length)
            return error;
        var nextBody = start + header.RecordsLength;
        for (var at = 0; at < records.Length;)
        {
            if (!Record.TryRead(records.AsSpan(at), key, out var record))
                break;
            var length = (int)Layout.Align8(Layout.RecordHeader + record.Payload.Length);
            var place = new Location(segment.Number, start + (uint)at);
            var id = new RecordReader(record.Payload).UInt64();
            var entry = index.Entries.Find(id);
            var isInForce = record.Kind switch
            {
                RecordKind.Envelope => entry >= 0 && index.Entries[entry].Envelope == place,
                RecordKind.State => entry >= 0 && index.Entries[entry].State == place,
                RecordKind.Body => false,
                _ => true,
            };
            if (record.Kind == RecordKind.Body)
            {
                var slot = index.Bodies.Find(id);
                var stored = record.StoredBodyLength;
                isInForce = slot >= 0 && (stored == 0 || index.Bodies[slot].At == new Location(segment.Number, nextBody));
                if (isInForce && stored > 0)
                {
                    var octets = new byte[stored];
                    error = segment.File.Read(nextBody, octets, out read);
                    if (error.IsError)
                        return error;
                    batch.Add([], octets.Length);
                    batch.Bodies.Add(octets);
                }
                nextBody += (uint)stored;
            }
            if (isInForce)
                batch.Add(records.AsSpan(at, length), 0);
            at += length;
        }
        return DiskError.None;
    }
}
