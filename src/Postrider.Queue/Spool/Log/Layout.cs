using System.Buffers.Binary;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// The bytes of a segment: a header block, then batches. A batch is a header, the records of its
/// commits, the bodies those name, and zeros up to the next 4 KB (rule 8).
/// </summary>
internal static class Layout
{
    public const int Block = 4096;
    public const int BatchHeader = 64;
    public const int RecordHeader = 12;

    // A body has one checksum for each slice of this length; of several, a table stands behind it.
    public const int Slice = 32 << 10;

    public static long Align8(long length) => (length + 7) & ~7L;

    public static long AlignBlock(long length) => (length + Block - 1) & ~(Block - 1L);

    /// <summary>Octets that a body takes in the log or in its file: its own, and those of the table.</summary>
    public static long StoredLength(long length) => length <= Slice ? length : length + (4 * SliceCount(length));

    public static long SliceCount(long length) => (length + Slice - 1) / Slice;
}

/// <summary>
/// What only this spool knows: it stands in each batch header and seeds each checksum, so that nothing
/// a sender puts into a mail can pass for a record.
/// </summary>
/// <param name="Mark">First octets of each batch.</param>
/// <param name="Seed">Start of each checksum.</param>
internal readonly record struct SpoolKey(ulong Mark, uint Seed);

/// <summary>A place in the log; segment 0 is none, and the highest stands for a file of its own.</summary>
internal readonly record struct Location(uint Segment, uint Offset)
{
    public const uint SpillSegment = uint.MaxValue;

    public static Location Spill => new(SpillSegment, 0);

    public bool IsNone => Segment == 0;

    public bool IsSpill => Segment == SpillSegment;
}

/// <summary>Hot segments take what arrives, cold ones what the cleaner has moved (rule 13).</summary>
internal enum SegmentKind : byte
{
    Hot = 1,
    Cold = 2,
}

/// <summary>The first block of a segment. The key stands in it too: the file that holds it may be lost.</summary>
/// <param name="Key">The key of the spool.</param>
/// <param name="Kind">Which of the two chains it belongs to.</param>
/// <param name="Number">Its number, never used twice; a recycled file gets a new one.</param>
/// <param name="Epoch">The start of the spool that wrote it.</param>
/// <param name="Previous">The number of the segment before in its chain, or 0.</param>
/// <param name="PreviousEnd">Where that one ends; what stands behind was never acknowledged (rule 11).</param>
/// <param name="FirstSequence">No batch in it has a lower sequence number, none before it a higher or the same.</param>
internal readonly record struct SegmentHeader(
    SpoolKey Key, SegmentKind Kind, uint Number, uint Epoch, uint Previous, uint PreviousEnd, ulong FirstSequence)
{
    public const int Length = 64;
    private const ulong Magic = 0x31_474F_4C_50_54_53_50; // "PSTPLOG1"

    public void Write(Span<byte> block)
    {
        block[..Length].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(block, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(block[8..], Key.Mark);
        BinaryPrimitives.WriteUInt32LittleEndian(block[16..], Key.Seed);
        BinaryPrimitives.WriteUInt32LittleEndian(block[20..], Number);
        BinaryPrimitives.WriteUInt32LittleEndian(block[24..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(block[28..], (uint)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(block[32..], Previous);
        BinaryPrimitives.WriteUInt32LittleEndian(block[36..], PreviousEnd);
        BinaryPrimitives.WriteUInt64LittleEndian(block[40..], FirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(block[60..], Crc32C.Append(~0u, block[..60]));
    }

    public static bool TryRead(ReadOnlySpan<byte> block, out SegmentHeader header)
    {
        header = default;
        if (block.Length < Length
            || BinaryPrimitives.ReadUInt64LittleEndian(block) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(block[60..]) != Crc32C.Append(~0u, block[..60]))
            return false;
        header = new SegmentHeader(
            new SpoolKey(BinaryPrimitives.ReadUInt64LittleEndian(block[8..]), BinaryPrimitives.ReadUInt32LittleEndian(block[16..])),
            (SegmentKind)BinaryPrimitives.ReadUInt32LittleEndian(block[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(block[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(block[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(block[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(block[36..]),
            BinaryPrimitives.ReadUInt64LittleEndian(block[40..]));
        return header is { Kind: SegmentKind.Hot or SegmentKind.Cold, Number: not 0 };
    }
}

/// <summary>The head of a batch (rule 8).</summary>
/// <param name="Sequence">Rises by one with each batch of the spool, in either chain.</param>
/// <param name="Segment">The segment it was written to: one of an earlier use of the file does not pass.</param>
/// <param name="Offset">Where in it.</param>
/// <param name="Epoch">The start of the spool that wrote it.</param>
/// <param name="DurableBefore">All of the segment before here had been synced when it was written.</param>
/// <param name="Length">Octets of the batch, the padding included.</param>
/// <param name="RecordsLength">Octets of the records.</param>
/// <param name="BodiesLength">Octets of the bodies, without padding.</param>
/// <param name="Digest">A checksum over the checksums of the records: none from elsewhere passes.</param>
/// <param name="Kind">The chain, in case the header of the segment is lost.</param>
internal readonly record struct BatchHeader(
    ulong Sequence, uint Segment, uint Offset, uint Epoch, uint DurableBefore, uint Length, uint RecordsLength, uint BodiesLength, uint Digest,
    SegmentKind Kind)
{
    public void Write(Span<byte> target, SpoolKey key)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, key.Mark);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], DurableBefore);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[36..], RecordsLength);
        BinaryPrimitives.WriteUInt32LittleEndian(target[40..], BodiesLength);
        BinaryPrimitives.WriteUInt32LittleEndian(target[44..], Digest);
        target[48..60].Clear();
        target[48] = (byte)Kind;
        BinaryPrimitives.WriteUInt32LittleEndian(target[60..], Crc32C.Append(key.Seed, target[..60]));
    }

    /// <summary>Reads a header that belongs exactly here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, SpoolKey key, uint segment, long offset, out BatchHeader header)
    {
        header = default;
        if (source.Length < Layout.BatchHeader
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != key.Mark
            || BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Crc32C.Append(key.Seed, source[..60]))
            return false;
        header = new BatchHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[36..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[44..]),
            (SegmentKind)source[48]);
        return (segment == 0 || header.Segment == segment)
            && header.Offset == offset
            && header.Length % Layout.Block == 0
            && header.Length != 0
            && (long)Layout.BatchHeader + header.RecordsLength + header.BodiesLength <= header.Length;
    }
}
