using System.Collections.Immutable;
using Postrider.Smtp.Addresses;

namespace Postrider.Smtp.Envelopes;

/// <summary>
/// What travels beside the content: sender, recipients, and the vocabulary that queue and delivery
/// read. Extensions parse into it and print from it; it gains a word only when an extension needs one.
/// </summary>
public sealed record Envelope
{
    /// <summary>Where failures are reported.</summary>
    public required ReversePath ReversePath { get; init; }

    /// <summary>Who is to receive the message; at least one once a transaction reaches DATA.</summary>
    public required ImmutableArray<EnvelopeRecipient> Recipients { get; init; }

    /// <summary>What the sender declared of the content (RFC 6152 §2).</summary>
    public BodyType Body { get; init; }

    /// <summary>Whether the sender asked for internationalized handling (RFC 6531 §3.4).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>How much of the message a report of its failure gives back (RFC 3461 §4.3).</summary>
    public ReturnContent Return { get; init; }

    /// <summary>The sender's own name for this transaction, given back in reports: 1 to 100 printable characters of ASCII (RFC 3461 §4.4), or null.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>What the sender wants of TLS (RFC 8689 §4.1).</summary>
    public TlsWish Tls { get; init; }

    /// <summary>Whether it goes to the mailbox or to the user's terminal (RFC 821 §3.4).</summary>
    public DeliveryMode Mode { get; init; }

    /// <summary>Until when it is kept before it is sent on (RFC 4865), or null: it goes at once.</summary>
    public FutureRelease? Release { get; init; }

    /// <summary>Within which time it is to be delivered (RFC 2852), or null: nothing was said.</summary>
    public DeliverBy? DeliverBy { get; init; }

    /// <summary>How urgent it is beside others, -9 to 9 (RFC 6710 §3); null where nothing was said, which counts as 0.</summary>
    public sbyte? Priority { get; init; }
}
