using Postrider.Smtp.Content;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>
/// The content of one message on its way, dotted or in counted chunks: the scan, and the verdict. A refused
/// message is skipped to its real end, or that of its chunk, and the refusal given there, so that nothing in
/// it is ever taken for a command.
/// </summary>
internal sealed class MessageReceiver(ServerSettings settings)
{
    private readonly ContentScanner scanner = new();
    private Reply? refusedByHandler;
    private bool isCounted;
    private bool isBinary;
    private long left;
    private long announced;

    public ContentFacts Facts => scanner.Facts;

    /// <summary>
    /// Why the message is refused, or null. What the session finds comes before what the handler said, for
    /// the handler is given no more of a message that is wrong: how the input was cut must not show.
    /// </summary>
    public Reply? Refusal => Judge() ?? refusedByHandler;

    /// <summary>Whether the content that is coming is the message's last.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Whether the chunk has come whole.</summary>
    public bool IsAtEnd => isCounted && left == 0;

    /// <summary>Octets of the chunk that is coming.</summary>
    public long ChunkLength { get; private set; }

    /// <summary>Begins a message.</summary>
    /// <param name="body">What the sender declared of it: only binary content may have lines that end otherwise.</param>
    public void Begin(BodyType body)
    {
        scanner.Reset();
        refusedByHandler = null;
        isBinary = body == BodyType.BinaryMime;
        isCounted = false;
        announced = 0;
        IsLast = true;
    }

    /// <summary>A chunk of the message is coming, of so many octets (RFC 3030 §2).</summary>
    public void BeginChunk(long octets, bool isLast)
    {
        isCounted = true;
        ChunkLength = left = octets;
        announced = scanner.Length + octets;
        IsLast = isLast;
    }

    public void Refuse(Reply reply) => refusedByHandler ??= reply;

    /// <summary>Scans; the content at the start of the input is to be handed on, unless it is none.</summary>
    /// <returns>Whether the end of the data, or of the chunk, was reached, which happens only in a call that gives no content.</returns>
    public bool Receive(Span<byte> input, out int content, out int consumed)
    {
        var ended = isCounted ? Count(input, out content, out consumed) : scanner.Scan(input, out content, out consumed);
        if (Refusal is not null)
            content = 0;
        return ended;
    }

    private bool Count(ReadOnlySpan<byte> input, out int content, out int consumed)
    {
        content = consumed = (int)Math.Min(left, input.Length);
        scanner.Measure(input[..consumed]);
        if (left == 0 && IsLast)
            scanner.End();
        left -= consumed;
        return left == 0 && consumed == 0;
    }

    private Reply? Judge()
    {
        var limits = settings.Limits;
        if (!isBinary && scanner.HasBareLf)
            return ReplyCatalogue.BareLfInContent;
        if (!isBinary && scanner.HasBareCr)
            return ReplyCatalogue.BareCrInContent;
        // RFC 3030 §3: it is parts of the body that are binary; the header section has lines as ever.
        if (scanner.HasBareInHeader)
            return ReplyCatalogue.BareInHeader;
        if (scanner.HasNul && !isBinary && settings.Content.RefuseNul)
            return ReplyCatalogue.NulInContent;
        // What is announced beyond the limit is given to nobody; the octets come all the same.
        if (limits.MessageSize > 0 && Math.Max(scanner.Length, announced) > limits.MessageSize)
            return settings.Replies.MessageTooLarge;
        return scanner.HeaderLength > limits.HeaderSize ? settings.Replies.HeaderTooLarge : null;
    }
}
