using Postrider.Smtp.Content;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>
/// The content of one message on its way: the scan, and the verdict. A refused message is skipped to its
/// real end and the refusal given there, so that nothing in it is ever taken for a command.
/// </summary>
internal sealed class MessageReceiver(ServerSettings settings)
{
    private readonly ContentScanner scanner = new();
    private Reply? refusedByHandler;

    public ContentFacts Facts => scanner.Facts;

    /// <summary>
    /// Why the message is refused, or null. What the session finds comes before what the handler said, for
    /// the handler is given no more of a message that is wrong: how the input was cut must not show.
    /// </summary>
    public Reply? Refusal => Judge() ?? refusedByHandler;

    public void Begin()
    {
        scanner.Reset();
        refusedByHandler = null;
    }

    public void Refuse(Reply reply) => refusedByHandler ??= reply;

    /// <summary>Scans; the content at the start of the input is to be handed on, unless it is none.</summary>
    /// <returns>Whether the end of data was consumed.</returns>
    public bool Receive(Span<byte> input, out int content, out int consumed)
    {
        var ended = scanner.Scan(input, out content, out consumed);
        if (Refusal is not null)
            content = 0;
        return ended;
    }

    private Reply? Judge()
    {
        var limits = settings.Limits;
        if (scanner.HasBareLf)
            return ReplyCatalogue.BareLfInContent;
        if (scanner.HasBareCr)
            return ReplyCatalogue.BareCrInContent;
        if (scanner.HasNul && settings.Content.RefuseNul)
            return ReplyCatalogue.NulInContent;
        if (limits.MessageSize > 0 && scanner.Length > limits.MessageSize)
            return settings.Replies.MessageTooLarge;
        return scanner.HeaderLength > limits.HeaderSize ? settings.Replies.HeaderTooLarge : null;
    }
}
