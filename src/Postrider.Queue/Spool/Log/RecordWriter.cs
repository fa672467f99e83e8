using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>What a record says. Records of one commit: bodies, then envelopes, then changes.</summary>
internal enum RecordKind : byte
{
    /// <summary>A body: in the same batch behind those before it, or in a file of its own.</summary>
    Body = 1,

    /// <summary>An envelope with its state.</summary>
    Envelope = 2,

    /// <summary>The state of an envelope, whole.</summary>
    State = 3,

    /// <summary>The end of an envelope.</summary>
    Finish = 4,

    /// <summary>An attempt has begun.</summary>
    Start = 5,
}

/// <summary>
/// Writes records into a pooled buffer. Each has its length, a checksum, its kind, and a mark on the
/// last one of a commit; each begins at a multiple of 8.
/// </summary>
internal sealed class RecordWriter : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(1024);
    private int record;

    /// <summary>Octets written, whole records with their padding.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    /// <summary>The same from an offset on, to fill in.</summary>
    public Span<byte> Range(int start) => buffer.AsSpan(start, Length - start);

    /// <summary>The same to write to a file.</summary>
    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Gives the buffer back; the writer can be used again by <see cref="Clear"/> only where this was not called.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        Length = 0;
    }

    /// <summary>Gives a buffer that has grown out of the ordinary back, before the writer rests in a pool.</summary>
    public void Trim()
    {
        Length = 0;
        if (buffer.Length <= 16_384)
            return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = ArrayPool<byte>.Shared.Rent(1024);
    }

    /// <summary>Begins a record.</summary>
    /// <param name="kind">What it says.</param>
    /// <param name="index">Its place in its commit, from 0: behind damage, a commit is found by it.</param>
    public void Begin(RecordKind kind, int index = 0)
    {
        record = Length;
        var header = Reserve(Layout.RecordHeader);
        header.Clear();
        header[8] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], (ushort)Math.Min(index, ushort.MaxValue));
    }

    public void End(SpoolKey key, bool isLastOfCommit)
    {
        var length = Length - record;
        var whole = buffer.AsSpan(record, length);
        whole[9] = isLastOfCommit ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(whole, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(whole[4..], Checksum(whole, key));
        var padding = (int)Layout.Align8(Length) - Length;
        Reserve(padding).Clear();
    }

    /// <summary>The checksum of a record: all but the checksum itself.</summary>
    public static uint Checksum(ReadOnlySpan<byte> record, SpoolKey key) =>
        Crc32C.Append(Crc32C.Append(key.Seed, record[..4]), record[8..]);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    public void Number(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        Byte((byte)value);
    }

    public void Text(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        Number((uint)count);
        Encoding.UTF8.GetBytes(text, Reserve(count));
    }

    public void Octets(ReadOnlySpan<byte> octets)
    {
        Number((uint)octets.Length);
        octets.CopyTo(Reserve(octets.Length));
    }

    private Span<byte> Reserve(int count)
    {
        if (buffer.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, checked(Length + count)));
            buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        var reserved = buffer.AsSpan(Length, count);
        Length += count;
        return reserved;
    }
}
