using System.Buffers;
using Postrider.Mime.Conversion;
using Postrider.Queue.Spool;
using Postrider.Transport.Dialing;

namespace Postrider.Delivery.Relay;

/// <summary>A queued message as a connection reads it.</summary>
internal sealed class StoredContent(MessageContent content) : IContentSource
{
    private const int SliceLength = 16 * 1024;

    public long Length => content.Length;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        content.ReadAsync(buffer, cancellationToken);

    public void Rewind() => content.Rewind();

    public async ValueTask<IContentSource?> ConvertAsync(bool takesEightBit, bool takesUtf8Header, int mostParts, CancellationToken cancellationToken = default)
    {
        var form = new ContentForm(takesEightBit, takesUtf8Header, mostParts);
        var plan = new ConversionPlan(form);
        var slice = ArrayPool<byte>.Shared.Rent(SliceLength);
        try
        {
            content.Rewind();
            while (plan.Fault is null && await content.ReadAsync(slice, cancellationToken) is var count and > 0)
                plan.Examine(slice.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(slice);
        }
        plan.End();
        if (plan.Fault is not null)
            return null;
        return plan.IsNeeded ? await ConvertedContent.MeasureAsync(content, plan, form, cancellationToken) : this;
    }
}
