using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Spool;

/// <summary>A body that is an array.</summary>
internal sealed class ArrayBody(byte[] octets) : IBodyReader
{
    public bool IsDisposed { get; private set; }

    public long Length => octets.Length;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(octets.Length - offset, buffer.Length);
        octets.AsSpan((int)offset, count).CopyTo(buffer.Span);
        return new(count);
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }
}
