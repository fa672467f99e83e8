using Postrider.Smtp.Addresses;
using Postrider.Smtp.Content;
using Postrider.Smtp.Envelopes;

namespace Postrider.Smtp.Server;

/// <summary>
/// What a session asks of policy. A question is put once its syntax and sequence have been checked,
/// and the session waits for its answer. Extensions may add their own.
/// </summary>
public abstract record Question;

/// <summary>A peer has connected: is it served? A refusal is the greeting (554 or 421).</summary>
public sealed record ConnectQuestion : Question;

/// <summary>May this sender begin a transaction?</summary>
/// <param name="ReversePath">The sender.</param>
/// <param name="DeclaredSize">Octets announced by SIZE= (RFC 1870), or null.</param>
public sealed record MailQuestion(ReversePath ReversePath, long? DeclaredSize) : Question
{
    /// <summary>Until when the message is to be kept (RFC 4865), or null.</summary>
    public FutureRelease? Release { get; init; }

    /// <summary>Within which time it is to be delivered (RFC 2852), or null.</summary>
    public DeliverBy? DeliverBy { get; init; }
}

/// <summary>Is mail for this recipient taken?</summary>
/// <param name="ReversePath">The sender.</param>
/// <param name="Recipient">The recipient.</param>
public sealed record RecipientQuestion(ReversePath ReversePath, EnvelopeRecipient Recipient) : Question
{
    /// <summary>Whether the message is for the mailbox or for the user's terminal (RFC 821 §3.4).</summary>
    public DeliveryMode Mode { get; init; }
}

/// <summary>The body is about to come: is there room? An acceptance is followed by body and <see cref="EndOfMessageQuestion"/>.</summary>
/// <param name="Envelope">Sender and the recipients accepted.</param>
public sealed record StartOfMessageQuestion(Envelope Envelope) : Question;

/// <summary>
/// The body is complete and well formed. An acceptance says that the message is on stable storage,
/// and carries the reply with the identifier it is queued under.
/// </summary>
/// <param name="Envelope">Sender and the recipients accepted.</param>
/// <param name="Content">What the scan found in the body.</param>
public sealed record EndOfMessageQuestion(Envelope Envelope, ContentFacts Content) : Question;

/// <summary>VRFY: what is known of this name? An acceptance without a reply gives 252 (RFC 5321 §3.5.3).</summary>
/// <param name="Name">The argument as it came, the parameter taken off.</param>
/// <param name="SmtpUtf8">Whether the answer may hold UTF-8 (RFC 6531 §3.7.4.2).</param>
public sealed record VerifyQuestion(string Name, bool SmtpUtf8 = false) : Question;

/// <summary>HELP STATUS: how is the server? An acceptance with a reply of 211 gives it; one without says that there is no such topic.</summary>
public sealed record StatusQuestion : Question;
