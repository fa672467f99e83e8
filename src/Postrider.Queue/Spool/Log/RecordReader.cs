using System.Buffers.Binary;
using System.Text;

namespace Postrider.Queue.Spool.Log;

/// <summary>One record as it stands in a batch.</summary>
/// <param name="kind">What it says.</param>
/// <param name="isFirstOfCommit">Whether a commit begins with it.</param>
/// <param name="isLastOfCommit">Whether its commit ends with it.</param>
/// <param name="payload">What follows its header.</param>
internal readonly ref struct Record(RecordKind kind, bool isFirstOfCommit, bool isLastOfCommit, ReadOnlySpan<byte> payload)
{
    public RecordKind Kind { get; } = kind;

    public bool IsFirstOfCommit { get; } = isFirstOfCommit;

    public bool IsLastOfCommit { get; } = isLastOfCommit;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Of the record of a body: octets that it takes in its batch, none where it has a file of its own.</summary>
    public long StoredBodyLength
    {
        get
        {
            var reader = new RecordReader(Payload);
            reader.UInt64();
            var isSpill = reader.Byte() != 0;
            return isSpill ? 0 : Layout.StoredLength((long)reader.UInt64());
        }
    }

    /// <summary>The length that a record says it has, whether or not it is intact; 0 where it cannot be.</summary>
    public static int LengthAt(ReadOnlySpan<byte> source)
    {
        if (source.Length < Layout.RecordHeader)
            return 0;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        return length is < Layout.RecordHeader or > int.MaxValue / 2 ? 0 : (int)length;
    }

    /// <summary>Reads the record at the start of a range; false where it is not whole or its checksum is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, SpoolKey key, out Record record)
    {
        record = default;
        var length = LengthAt(source);
        if (length == 0 || length > source.Length)
            return false;
        source = source[..length];
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (checksum != RecordWriter.Checksum(source, key))
            return false;
        record = new Record((RecordKind)source[8], source[10] == 0 && source[11] == 0, source[9] != 0, source[Layout.RecordHeader..]);
        return true;
    }
}

/// <summary>Reads what <see cref="RecordWriter"/> wrote. A payload that ends too early throws InvalidDataException.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> rest = source;

    public readonly bool IsAtEnd => rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var octet = Byte();
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
                return value;
        }
        throw new InvalidDataException("A number has no end.");
    }

    public int Count()
    {
        var value = Number();
        return value <= int.MaxValue ? (int)value : throw new InvalidDataException("A count is too high.");
    }

    public string Text() => Encoding.UTF8.GetString(Octets());

    public ReadOnlySpan<byte> Octets() => Take(Count());

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
            throw new InvalidDataException("A record ends too early.");
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
