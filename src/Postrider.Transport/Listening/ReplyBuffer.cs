using System.Buffers;

namespace Postrider.Transport.Listening;

/// <summary>Gathers the replies of a session in one pooled array, which it holds only while there are any.</summary>
internal sealed class ReplyBuffer : IBufferWriter<byte>
{
    private const int FirstSize = 1024;

    private byte[] octets = [];

    /// <summary>Octets gathered.</summary>
    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Written => octets.AsMemory(0, Count);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, octets.Length - Count);
        Count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return octets.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return octets.AsSpan(Count);
    }

    /// <summary>Forgets what was gathered and gives the array back.</summary>
    public void Release()
    {
        Count = 0;
        if (octets.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(octets);
        octets = [];
    }

    private void EnsureRoom(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (octets.Length - Count >= needed)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Max(Count + needed, Count * 2)));
        octets.AsSpan(0, Count).CopyTo(larger);
        if (octets.Length > 0)
            ArrayPool<byte>.Shared.Return(octets);
        octets = larger;
    }
}
