using Postrider.Smtp.Addresses;

namespace Postrider.Smtp.Envelopes;

/// <summary>One recipient of an envelope. Extensions of RCPT add their words of the vocabulary here.</summary>
/// <param name="Mailbox">The mailbox that the forward-path named (RFC 5321 §4.1.1.3); a source route before it is dropped.</param>
public sealed record EnvelopeRecipient(Mailbox Mailbox)
{
    /// <summary>Of what the sender wants to be told (RFC 3461 §4.1).</summary>
    public Notifications Notify { get; init; }

    /// <summary>The address that the sender gave at first (RFC 3461 §4.2), or null.</summary>
    public OriginalRecipient? OriginalRecipient { get; init; }

    /// <summary>
    /// Whether aliases, lists and forwards lie behind it: at a local domain it stands for the mailbox itself. Delivery sets
    /// it; no peer can.
    /// </summary>
    public bool IsFinal { get; init; }
}
