using Postrider.Smtp.Addresses;

namespace Postrider.Smtp.Envelopes;

/// <summary>One recipient of an envelope. Extensions of RCPT add their words of the vocabulary here.</summary>
/// <param name="Mailbox">The mailbox that the forward-path named (RFC 5321 §4.1.1.3); a source route before it is dropped.</param>
public sealed record EnvelopeRecipient(Mailbox Mailbox);
