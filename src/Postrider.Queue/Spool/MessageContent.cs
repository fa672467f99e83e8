using System.Collections.Immutable;
using Postrider.Mime.Headers;

namespace Postrider.Queue.Spool;

/// <summary>
/// A message as everybody sees it who reads it: the stored octets with the edits of the header block
/// applied (rule 3), and what final delivery puts before it. Reads once through; owns the body.
/// </summary>
public sealed class MessageContent : IAsyncDisposable
{
    private readonly IBodyReader body;
    private readonly ReadOnlyMemory<byte> prefix;
    private readonly ImmutableArray<HeaderEdit> edits;

    private int prefixPosition;
    private long bodyPosition;
    private int edit;
    private int insertPosition;

    /// <summary>Makes the view of a body.</summary>
    /// <param name="body">What is stored; disposed of with the view.</param>
    /// <param name="edits">What is changed in it.</param>
    /// <param name="prefix">What stands before it, whole lines with CRLF; mostly a Return-Path or nothing.</param>
    /// <exception cref="ArgumentException">The edits reach beyond the body.</exception>
    public MessageContent(IBodyReader body, HeaderEdits edits, ReadOnlyMemory<byte> prefix = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(edits);
        if (edits.Edits is [.., var last] && last.Offset + (long)last.Drop > body.Length)
            throw new ArgumentException("The edits reach beyond the body.", nameof(edits));
        this.body = body;
        this.edits = edits.Edits;
        this.prefix = prefix;
        Length = prefix.Length + body.Length + edits.LengthChange;
    }

    /// <summary>Octets in all.</summary>
    public long Length { get; }

    /// <summary>Octets read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Reads on until the buffer is full or the message ends.</summary>
    /// <returns>Octets read; 0 only at the end, or when the buffer was empty.</returns>
    /// <exception cref="SpoolDamageException">The body is damaged on disk.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var target = buffer[filled..];
            if (prefixPosition < prefix.Length)
            {
                filled += Copy(prefix, ref prefixPosition, target);
                continue;
            }

            var isAtEdit = edit < edits.Length && bodyPosition == edits[edit].Offset;
            if (isAtEdit)
            {
                var change = edits[edit];
                filled += Copy(change.Insert, ref insertPosition, target);
                if (insertPosition == change.Insert.Length)
                {
                    bodyPosition += change.Drop;
                    edit++;
                    insertPosition = 0;
                }
                continue;
            }

            var stop = edit < edits.Length ? edits[edit].Offset : body.Length;
            var count = (int)Math.Min(stop - bodyPosition, target.Length);
            if (count == 0)
                break;
            var read = await body.ReadAsync(bodyPosition, target[..count], cancellationToken);
            if (read == 0)
                throw new SpoolDamageException($"A body of {body.Length} octets ended after {bodyPosition}.");
            bodyPosition += read;
            filled += read;
        }
        Position += filled;
        return filled;
    }

    /// <summary>Begins again at the start.</summary>
    public void Rewind()
    {
        (prefixPosition, bodyPosition, edit, insertPosition) = (0, 0, 0, 0);
        Position = 0;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => body.DisposeAsync();

    private static int Copy(ReadOnlyMemory<byte> from, ref int position, Memory<byte> to)
    {
        var count = Math.Min(from.Length - position, to.Length);
        from.Slice(position, count).CopyTo(to);
        position += count;
        return count;
    }
}
