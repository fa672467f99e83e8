using System.Buffers;
using System.Runtime.CompilerServices;
using Postrider.Smtp.Client;

namespace Postrider.Transport.Dialing;

/// <summary>Reads the content of one transaction block by block, framed as the transaction wants it.</summary>
internal sealed class ContentBlocks(IContentSource content, BodyFraming framing) : IDisposable
{
    // A block of content, with room for its framing: large ones cost few writes, small messages need one.
    private const int MaxBlockLength = 65_536;

    private readonly byte[] block = Rent(content, framing);
    private long taken;

    /// <summary>Whether the content has been read to its end.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Octets given so far, framing counted.</summary>
    public long Octets { get; private set; }

    /// <summary>Reads and frames the next block; it is there until the next call.</summary>
    /// <exception cref="InvalidDataException">The content is shorter than it said.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
    {
        if (taken == 0)
            content.Rewind();
        var wanted = (int)Math.Min(framing.RoomIn(block.Length), content.Length - taken);
        var length = 0;
        while (length < wanted && await content.ReadAsync(block.AsMemory(framing.HeadLength + length, wanted - length), cancellationToken) is var count and > 0)
            length += count;
        if (length < wanted)
            throw new InvalidDataException($"The content ended after {taken + length} of {content.Length} octets.");
        taken += length;
        HasEnded = taken == content.Length;
        var framed = block.AsMemory()[framing.Frame(block, length, HasEnded)];
        Octets += framed.Length;
        return framed;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(block);

    private static byte[] Rent(IContentSource content, BodyFraming framing)
    {
        var whole = framing.BufferFor((int)Math.Min(content.Length, MaxBlockLength));
        return ArrayPool<byte>.Shared.Rent(Math.Min(whole, MaxBlockLength));
    }
}
