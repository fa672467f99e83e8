using System.Buffers;
using Postrider.Mime.Conversion;
using Postrider.Queue.Spool;
using Postrider.Transport.Dialing;

namespace Postrider.Delivery.Relay;

/// <summary>A queued message as it goes to a server that does not take it as it is; converted each time it is read.</summary>
internal sealed class ConvertedContent : IContentSource
{
    private const int SliceLength = 16 * 1024;

    private readonly MessageContent content;
    private readonly ConversionPlan plan;
    private readonly ContentForm form;
    private readonly ArrayBufferWriter<byte> converted = new();
    private readonly byte[] slice = new byte[SliceLength];
    private ContentConverter converter;
    private int given;
    private bool hasEnded;

    private ConvertedContent(MessageContent content, ConversionPlan plan, ContentForm form)
    {
        (this.content, this.plan, this.form) = (content, plan, form);
        converter = new ContentConverter(plan, form, converted);
        Rewind();
    }

    /// <summary>Makes it, and finds out how long it is.</summary>
    public static async ValueTask<ConvertedContent> MeasureAsync(MessageContent content, ConversionPlan plan, ContentForm form, CancellationToken cancellationToken)
    {
        var made = new ConvertedContent(content, plan, form);
        var buffer = ArrayPool<byte>.Shared.Rent(SliceLength);
        try
        {
            while (await made.ReadAsync(buffer, cancellationToken) is var count and > 0)
                made.Length += count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return made;
    }

    public long Length { get; private set; }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var count = Math.Min(converted.WrittenCount - given, buffer.Length - filled);
            converted.WrittenSpan.Slice(given, count).CopyTo(buffer.Span[filled..]);
            given += count;
            filled += count;
            if (given < converted.WrittenCount)
                break;
            if (hasEnded)
                break;
            converted.ResetWrittenCount();
            given = 0;
            var read = await content.ReadAsync(slice, cancellationToken);
            hasEnded = read == 0;
            if (hasEnded)
                converter.End();
            else
                converter.Convert(slice.AsSpan(0, read));
        }
        return filled;
    }

    public void Rewind()
    {
        content.Rewind();
        converted.ResetWrittenCount();
        converter = new ContentConverter(plan, form, converted);
        given = 0;
        hasEnded = false;
    }
}
