using Postrider.Smtp.Envelopes;

namespace Postrider.Smtp.Client;

/// <summary>What is to be sent in one transaction, as extensions see it.</summary>
/// <param name="Envelope">Sender, recipients and the rest of the vocabulary.</param>
/// <param name="Length">Octets of the content, stuffed dots and the end of data not counted.</param>
/// <param name="HasEightBit">Whether the content has octets above 127, or may have.</param>
/// <param name="Settings">How the client speaks.</param>
public readonly record struct ClientTransaction(Envelope Envelope, long Length, bool HasEightBit, ClientSettings Settings)
{
    /// <summary>When it begins: what is left of a time that the envelope names is counted from here.</summary>
    public DateTimeOffset Now { get; init; }
}
