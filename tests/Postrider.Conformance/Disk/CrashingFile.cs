namespace Postrider.Conformance.Disk;

/// <summary>A file of <see cref="CrashingDisk"/>: what is seen, what is durable, and the writes between.</summary>
internal sealed class CrashingFile
{
    private const int Page = 4096;
    private const int Sector = 512;

    private readonly List<Pending> pending = [];
    private byte[] seen = [];
    private byte[] durable = [];
    private long durableLength;

    public bool IsDirectory { get; private init; }

    public long Length { get; private set; }

    public static CrashingFile Directory() => new() { IsDirectory = true };

    public static CrashingFile Of(byte[] content) => new()
    {
        seen = [.. content],
        durable = [.. content],
        Length = content.Length,
        durableLength = content.Length,
    };

    public byte[] Content() => seen[..(int)Length];

    public void Write(long offset, byte[] octets)
    {
        if (octets.Length == 0)
            return;
        Put(ref seen, offset, octets);
        Length = Math.Max(Length, offset + octets.Length);
        pending.Add(new Pending(offset, octets, Length));
    }

    public int Read(long offset, Span<byte> buffer)
    {
        var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        seen.AsSpan((int)Math.Min(offset, Length), count).CopyTo(buffer);
        return count;
    }

    public void SetLength(long length)
    {
        if (length < Length)
            Array.Clear(seen, (int)length, (int)(Length - length));
        Grow(ref seen, length);
        Length = length;
        pending.Add(new Pending(0, [], length));
    }

    public void Sync()
    {
        foreach (var write in pending)
        {
            Put(ref durable, write.Offset, write.Octets);
            durableLength = write.Length;
        }
        pending.Clear();
    }

    /// <summary>Some of it is durable now; the rest is seen as long as the machine runs, and never written again.</summary>
    public void SyncFailed(Random random)
    {
        foreach (var write in pending)
        {
            for (var at = 0; at < write.Octets.Length; at += Page)
            {
                if (random.Next(2) == 0)
                    Put(ref durable, write.Offset + at, write.Octets.AsSpan(at, Math.Min(Page, write.Octets.Length - at)));
            }
            if (random.Next(2) == 0)
                durableLength = write.Length;
        }
        pending.Clear();
    }

    public CrashingFile Copy()
    {
        var copy = new CrashingFile { IsDirectory = IsDirectory, seen = [.. seen], durable = [.. durable], Length = Length, durableLength = durableLength };
        copy.pending.AddRange(pending);
        return copy;
    }

    public CrashingFile AfterCrash(Random random, CrashMode mode)
    {
        if (IsDirectory)
            return Directory();
        byte[] left = [.. durable];
        var length = durableLength;
        var count = mode == CrashMode.Prefix ? random.Next(pending.Count + 1) : pending.Count;
        for (var i = 0; i < count; i++)
        {
            var write = pending[i];
            var unit = mode switch
            {
                CrashMode.AnyPages => Page,
                CrashMode.AnySectors => Sector,
                CrashMode.Prefix when i == count - 1 => Sector,
                _ => int.MaxValue,
            };
            var torn = mode == CrashMode.Prefix && i == count - 1 ? random.Next(write.Octets.Length + 1) : int.MaxValue;
            for (long at = 0; at < write.Octets.Length;)
            {
                // Units are those of the disk, wherever the write began.
                var next = unit == int.MaxValue ? write.Octets.Length : Math.Min(write.Octets.Length, (((write.Offset + at) / unit) + 1) * unit - write.Offset);
                var survives = mode switch
                {
                    CrashMode.NothingUnsynced => false,
                    CrashMode.EverythingUnsynced => true,
                    CrashMode.Prefix => at < torn,
                    _ => random.Next(2) == 0,
                };
                if (survives)
                    Put(ref left, write.Offset + at, write.Octets.AsSpan((int)at, (int)(next - at)));
                at = next;
            }
            // The length is written on its own: with or without what fills it.
            if (mode == CrashMode.EverythingUnsynced || mode == CrashMode.Prefix || (mode != CrashMode.NothingUnsynced && random.Next(2) == 0))
                length = write.Length;
        }
        Grow(ref left, length);
        Array.Clear(left, (int)length, left.Length - (int)length);
        return new CrashingFile { seen = left, durable = [.. left], Length = length, durableLength = length };
    }

    private static void Put(ref byte[] target, long offset, ReadOnlySpan<byte> octets)
    {
        Grow(ref target, offset + octets.Length);
        octets.CopyTo(target.AsSpan((int)offset));
    }

    private static void Grow(ref byte[] target, long length)
    {
        if (target.Length < length)
            Array.Resize(ref target, (int)Math.Max(length, target.Length * 3L / 2));
    }

    private sealed record Pending(long Offset, byte[] Octets, long Length);
}
