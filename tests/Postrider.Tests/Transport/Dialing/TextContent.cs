using System.Text;
using Postrider.Transport.Dialing;

namespace Postrider.Tests.Transport.Dialing;

/// <summary>A content that a test writes, given in pieces.</summary>
internal sealed class TextContent(string text, int failAfter = int.MaxValue) : IContentSource
{
    private readonly byte[] octets = Encoding.Latin1.GetBytes(text);
    private int position;

    public long Length => octets.Length;

    public int Reads { get; private set; }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Reads++;
        if (position >= failAfter)
            throw new InvalidOperationException("damaged");
        var count = Math.Min(Math.Min(buffer.Length, octets.Length - position), failAfter - position);
        octets.AsSpan(position, count).CopyTo(buffer.Span);
        position += count;
        return ValueTask.FromResult(count);
    }

    public void Rewind() => position = 0;
}
