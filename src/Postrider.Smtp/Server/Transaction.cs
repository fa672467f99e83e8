using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>
/// A mail transaction from an accepted MAIL on (RFC 5321 §3.3). RSET, EHLO, HELO and the end of the
/// message drop it; nothing of it survives elsewhere in the session.
/// </summary>
internal sealed class Transaction
{
    // A recipient with its mailbox, three strings and a place in the array, without their characters.
    private const int RecipientOctets = 200;

    private EnvelopeRecipient[] recipients = [];
    private Envelope? envelope;

    public ReversePath ReversePath { get; set; }

    public long? DeclaredSize { get; set; }

    public BodyType Body { get; set; }

    public bool SmtpUtf8 { get; set; }

    public ReturnContent Return { get; set; }

    public string? EnvelopeId { get; set; }

    public TlsWish Tls { get; set; }

    public DeliveryMode Mode { get; init; }

    public FutureRelease? Release { get; set; }

    public DeliverBy? DeliverBy { get; set; }

    public sbyte? Priority { get; set; }

    /// <summary>What MAIL is answered where it is accepted and policy gives no reply of its own; null: the usual.</summary>
    public Reply? Notice { get; set; }

    public int RecipientCount { get; private set; }

    /// <summary>About what the recipients take up.</summary>
    public long HeldOctets { get; private set; }

    /// <summary>Whether a RCPT came at all, refused ones too.</summary>
    public bool RecipientTried { get; set; }

    /// <summary>Whether chunks of the content have come, so that nothing but chunks may follow (RFC 3030 §2).</summary>
    public bool HasChunks { get; set; }

    /// <summary>The recipient whose answer is awaited.</summary>
    public EnvelopeRecipient? Candidate { get; set; }

    public void AddCandidate()
    {
        if (RecipientCount == recipients.Length)
            Array.Resize(ref recipients, RecipientCount == 0 ? 1 : RecipientCount * 4);
        recipients[RecipientCount++] = Candidate!;
        HeldOctets += RecipientOctets + (2 * (Candidate!.Mailbox.LocalPart.Length + Candidate.Mailbox.Domain.Length + (Candidate.OriginalRecipient?.Address.Length ?? 0)));
        Candidate = null;
        envelope = null;
    }

    public Envelope ToEnvelope()
    {
        if (envelope is not null)
            return envelope;
        if (recipients.Length > RecipientCount)
            Array.Resize(ref recipients, RecipientCount);
        return envelope = new Envelope
        {
            ReversePath = ReversePath,
            Recipients = ImmutableCollectionsMarshal.AsImmutableArray(recipients),
            Body = Body,
            SmtpUtf8 = SmtpUtf8,
            Return = Return,
            EnvelopeId = EnvelopeId,
            Tls = Tls,
            Mode = Mode,
            Release = Release,
            DeliverBy = DeliverBy,
            Priority = Priority,
        };
    }
}
