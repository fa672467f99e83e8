using System.Buffers.Binary;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>What stands at the head of a snapshot.</summary>
/// <param name="Sequence">All batches up to this one are in it; of later ones, some may be.</param>
/// <param name="Hot">Where in the hot chain the next batch begins.</param>
/// <param name="Cold">Where in the cold chain.</param>
/// <param name="Epoch">The start of the spool that wrote it.</param>
internal readonly record struct SnapshotHeader(ulong Sequence, Location Hot, Location Cold, uint Epoch)
{
    public const int Length = 64;
    private const ulong Magic = 0x31_50_4E_53_50_54_53_50; // "PSTPSNP1"

    public void Write(Span<byte> target, SpoolKey key)
    {
        target[..Length].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Hot.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], Hot.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], Cold.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], Cold.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(target[60..], Crc32C.Append(key.Seed, target[..60]));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, SpoolKey key, out SnapshotHeader header)
    {
        header = default;
        if (source.Length < Length
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Crc32C.Append(key.Seed, source[..60]))
            return false;
        header = new SnapshotHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            new Location(BinaryPrimitives.ReadUInt32LittleEndian(source[16..]), BinaryPrimitives.ReadUInt32LittleEndian(source[20..])),
            new Location(BinaryPrimitives.ReadUInt32LittleEndian(source[24..]), BinaryPrimitives.ReadUInt32LittleEndian(source[28..])),
            BinaryPrimitives.ReadUInt32LittleEndian(source[32..]));
        return true;
    }
}

/// <summary>
/// The parts of a snapshot, each with its checksum: slices of bodies, slices of entries, and an end
/// without which it is not whole. Entries name their bodies by identifier, and next hops by a list in
/// the same part, so that every part stands alone.
/// </summary>
internal static class SnapshotFile
{
    public const int PartHeader = 16;

    private const uint BodiesPart = 1;
    private const uint EntriesPart = 2;
    private const uint EndPart = 3;

    // More than a slice can take, so that a damaged length asks for no absurd memory.
    private const uint LongestPart = 64 << 20;

    /// <summary>Appends a slice of the bodies. Under the lock of the index.</summary>
    public static void AddBodies(RecordWriter writer, SpoolIndex index, int from, int to, SpoolKey key)
    {
        var start = BeginPart(writer);
        uint count = 0;
        for (var slot = from; slot < to; slot++)
        {
            ref var body = ref index.Bodies[slot];
            if (body.Id == 0)
                continue;
            writer.UInt64(body.Id);
            writer.UInt32(body.At.Segment);
            writer.UInt32(body.At.Offset);
            writer.UInt64((ulong)body.Length);
            writer.UInt32(body.Checksum);
            count++;
        }
        FinishPart(writer, start, BodiesPart, count, key);
    }

    /// <summary>Appends a slice of the entries. Under the lock of the index.</summary>
    public static void AddEntries(RecordWriter writer, SpoolIndex index, int from, int to, SpoolKey key)
    {
        var start = BeginPart(writer);
        var names = new Dictionary<int, uint>();
        for (var slot = from; slot < to; slot++)
        {
            if (index.Entries[slot].Id != 0)
                names.TryAdd(index.Entries[slot].NextHop, (uint)names.Count);
        }
        writer.Number((uint)names.Count);
        foreach (var name in names.Keys)
            writer.Text(index.NextHops[name]);
        uint count = 0;
        for (var slot = from; slot < to; slot++)
        {
            ref var entry = ref index.Entries[slot];
            if (entry.Id == 0)
                continue;
            writer.UInt64(entry.Id);
            writer.UInt64(entry.Message);
            writer.UInt64(index.Bodies[entry.Body].Id);
            writer.UInt64((ulong)entry.Since);
            writer.UInt64((ulong)entry.Due);
            writer.UInt32(entry.Envelope.Segment);
            writer.UInt32(entry.Envelope.Offset);
            writer.UInt32(entry.State.Segment);
            writer.UInt32(entry.State.Offset);
            writer.UInt32(entry.Version);
            writer.UInt32(entry.Attempts);
            writer.Byte(entry.Starts);
            writer.Byte(entry.Flags);
            writer.Number(names[entry.NextHop]);
            count++;
        }
        FinishPart(writer, start, EntriesPart, count, key);
    }

    public static void AddEnd(RecordWriter writer, SpoolKey key) => FinishPart(writer, BeginPart(writer), EndPart, 0, key);

    /// <summary>Reads a snapshot into an empty index; false where a part of it is damaged or missing.</summary>
    public static bool TryLoad(IDiskFile file, SpoolKey key, SpoolIndex index, Action<long> progress, CancellationToken cancellationToken)
    {
        var header = new byte[PartHeader];
        var part = Array.Empty<byte>();
        for (long at = SnapshotHeader.Length; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.Read(at, header, out var read).IsError || read < PartHeader)
                return false;
            var kind = BinaryPrimitives.ReadUInt32LittleEndian(header);
            var count = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
            var length = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
            if (length > LongestPart)
                return false;
            if (part.Length < length)
                part = new byte[length];
            var payload = part.AsSpan(0, (int)length);
            if (file.Read(at + PartHeader, payload, out read).IsError || read < payload.Length
                || Checksum(header, payload, key) != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)))
                return false;
            if (kind == EndPart)
                return true;
            try
            {
                Load(kind, (int)count, payload, index);
            }
            catch (InvalidDataException)
            {
                return false;
            }
            at += PartHeader + length;
            progress(at);
        }
    }

    private static void Load(uint kind, int count, ReadOnlySpan<byte> payload, SpoolIndex index)
    {
        var reader = new RecordReader(payload);
        if (kind == BodiesPart)
        {
            for (; count > 0; count--)
                index.PutBody(reader.UInt64(), new Location(reader.UInt32(), reader.UInt32()), (long)reader.UInt64(), reader.UInt32());
            return;
        }
        if (kind != EntriesPart)
            throw new InvalidDataException($"A snapshot has a part of kind {kind}, which this version does not know.");
        var names = new byte[reader.Count()][];
        for (var i = 0; i < names.Length; i++)
            names[i] = reader.Octets().ToArray();
        for (; count > 0; count--)
        {
            var entry = new EntrySlot { Id = reader.UInt64(), Message = reader.UInt64() };
            var body = reader.UInt64();
            entry.Since = (long)reader.UInt64();
            entry.Due = (long)reader.UInt64();
            entry.Envelope = new Location(reader.UInt32(), reader.UInt32());
            entry.State = new Location(reader.UInt32(), reader.UInt32());
            entry.Version = reader.UInt32();
            entry.Attempts = (ushort)reader.UInt32();
            entry.Starts = reader.Byte();
            entry.Flags = reader.Byte();
            var name = reader.Count();
            if (name >= names.Length)
                throw new InvalidDataException("An entry names a next hop that is not there.");
            index.Restore(entry, body, names[name]);
        }
    }

    private static int BeginPart(RecordWriter writer)
    {
        var start = writer.Length;
        writer.UInt64(0);
        writer.UInt64(0);
        return start;
    }

    private static void FinishPart(RecordWriter writer, int start, uint kind, uint count, SpoolKey key)
    {
        var part = writer.Range(start);
        BinaryPrimitives.WriteUInt32LittleEndian(part, kind);
        BinaryPrimitives.WriteUInt32LittleEndian(part[4..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(part[8..], (uint)(part.Length - PartHeader));
        BinaryPrimitives.WriteUInt32LittleEndian(part[12..], Checksum(part[..PartHeader], part[PartHeader..], key));
    }

    private static uint Checksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, SpoolKey key) =>
        Crc32C.Append(Crc32C.Append(key.Seed, header[..12]), payload);
}
