using Postrider.Mime.Headers;
using Postrider.Queue.Spool;
using Postrider.Smtp.Replies;

namespace Postrider.Hosting.Reception;

/// <summary>A message on its way into the spool; disposing of it before its commit forgets it.</summary>
internal sealed class IncomingMessage(SpoolId id, IBodyWriter body, int receivedFields, bool isMended) : IAsyncDisposable
{
    private readonly HeaderScanner header = new() { FindsBareAddresses = isMended };

    /// <summary>The name of the message.</summary>
    public SpoolId Id { get; } = id;

    /// <summary>Its body.</summary>
    public IBodyWriter Body { get; } = body;

    /// <summary>What was seen of its header; complete once the content has ended.</summary>
    public HeaderScanner Header => header;

    /// <summary>Whether its header waives TLS (RFC 8689 §3).</summary>
    public bool WaivesTls => (header.Found & HeaderFields.TlsWaived) != 0;

    /// <summary>Takes a slice of the content.</summary>
    /// <returns>Null, or the reply that refuses the message.</returns>
    public async ValueTask<Reply?> WriteAsync(ReadOnlyMemory<byte> slice, CancellationToken cancellationToken)
    {
        if (!header.IsComplete)
        {
            header.Advance(slice.Span);
            // RFC 5321 §6.3: a message with more trace fields than that goes round in a circle.
            if (header.ReceivedCount > receivedFields)
                return ReplyCatalogue.MailLoop;
        }
        return StorageReplies.For(await Body.WriteAsync(slice, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Body.DisposeAsync();
}
