using System.Buffers;

namespace Postrider.Transport.Listening;

/// <summary>
/// The input of a connection that has been read and not consumed: 16 KB of a pooled array while there is
/// any, and next to nothing while the peer rests.
/// </summary>
internal struct ReceiveBuffer()
{
    internal const int Size = 16 * 1024;
    private const int LittleSize = 512;
    private const int AsideSize = 2048;

    private byte[] octets = [];
    private byte[]? little;
    private int start;
    private int end;

    public readonly bool IsEmpty => start == end;

    public readonly Span<byte> Input => octets.AsSpan(start, end - start);

    /// <summary>A part of what was consumed last.</summary>
    /// <param name="consumed">Octets consumed last.</param>
    /// <param name="offset">Where the part begins in them.</param>
    /// <param name="length">Its length.</param>
    public readonly ReadOnlyMemory<byte> Consumed(int consumed, int offset, int length) => octets.AsMemory(start - consumed + offset, length);

    public void Consume(int count) => start += count;

    public void Received(int count) => end += count;

    /// <summary>Room for input behind what is left.</summary>
    /// <exception cref="InvalidOperationException">There is none, for nothing has been consumed of it all.</exception>
    public Memory<byte> MakeRoom()
    {
        if (octets.Length < Size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Size);
            Input.CopyTo(larger);
            octets = larger;
        }
        else if (start > 0)
        {
            Input.CopyTo(octets);
        }
        end -= start;
        start = 0;
        return end < octets.Length
            ? octets.AsMemory(end)
            : throw new InvalidOperationException($"The session left {end} octets of input unread.");
    }

    /// <summary>
    /// What a peer between commands is waited for with: nothing, so that the wait takes no input, or, of one
    /// that is busy, an array that takes its next group of commands in the same call. That saves a call for
    /// each message (docs/decisions/0021-waiting-for-a-command.md).
    /// </summary>
    public Memory<byte> Rest(bool busy)
    {
        PutAway();
        if (busy)
            octets = little ??= new byte[LittleSize];
        return octets;
    }

    /// <summary>
    /// Gives the array back and keeps what is in it in one of its own size, where it is little: the start of a command, or of
    /// what may be the end of a message.
    /// </summary>
    /// <returns>False where it is more than that.</returns>
    public bool PutAside()
    {
        if (octets.Length < Size)
            return true;
        if (end - start > AsideSize)
            return false;
        var rest = Input.ToArray();
        PutAway();
        octets = rest;
        end = rest.Length;
        return true;
    }

    /// <summary>Gives the array back, with what is in it.</summary>
    public void PutAway()
    {
        if (octets.Length >= Size)
            ArrayPool<byte>.Shared.Return(octets);
        octets = [];
        start = end = 0;
    }
}
