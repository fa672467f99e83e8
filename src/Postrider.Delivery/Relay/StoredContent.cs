using Postrider.Queue.Spool;
using Postrider.Transport.Dialing;

namespace Postrider.Delivery.Relay;

/// <summary>A queued message as a connection reads it.</summary>
internal sealed class StoredContent(MessageContent content) : IContentSource
{
    public long Length => content.Length;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        content.ReadAsync(buffer, cancellationToken);

    public void Rewind() => content.Rewind();
}
