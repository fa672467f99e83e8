using System.Buffers;
using System.Collections.Immutable;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;

namespace Postrider.Smtp.Client;

/// <summary>
/// The client's half of a service extension: what it says before the first MAIL, what it adds to MAIL
/// and RCPT, and what it cannot send to a server. Has no state of its own, serves any number of sessions.
/// </summary>
public abstract class ClientExtension
{
    /// <summary>The extensions that a client uses unless told otherwise.</summary>
    public static readonly ImmutableArray<ClientExtension> Standard =
    [
        new RequireTlsClientExtension(), new SizeClientExtension(), new EightBitMimeClientExtension(), new SmtpUtf8ClientExtension(),
        new BinaryMimeClientExtension(), new ChunkingClientExtension(), new DsnClientExtension(), new LimitsClientExtension(),
        new TerminalClientExtension(), new FutureReleaseClientExtension(), new DeliverByClientExtension(),
        new MtPriorityClientExtension(),
    ];

    /// <summary>Its keyword in the reply to EHLO.</summary>
    public abstract string Keyword { get; }

    /// <summary>
    /// Why this server is of no use to us at all, whatever it offers; null where it is. Asked after each EHLO or HELO,
    /// once the stages of the extensions before this one are over.
    /// </summary>
    public virtual SessionEnding? RefusePeer(PeerCapabilities peer) => null;

    /// <summary>Whether it speaks only where the server offers it; a command that every server knows is said to any.</summary>
    public virtual bool NeedsOffer => true;

    /// <summary>The dialogue it holds before the first MAIL where the server offers it, or null.</summary>
    public virtual ClientStage? BeforeMail(PeerCapabilities peer) => null;

    /// <summary>Why this transaction cannot be sent to this server, offered or not; null where it can.</summary>
    public virtual RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer) => null;

    /// <summary>Why this recipient has no place in a transaction with this server, offered or not; null where it has. The others go on without it.</summary>
    public virtual RecipientResult? RefuseRecipient(EnvelopeRecipient recipient, PeerCapabilities peer) => null;

    /// <summary>How many transactions the server takes over one connection, where it offers it; 1 or more.</summary>
    public virtual int MostTransactions(PeerCapabilities peer) => int.MaxValue;

    /// <summary>How many of the recipients, from the first on, the server takes in one transaction, where it offers it; 1 or more.</summary>
    public virtual int MostRecipients(in ClientTransaction transaction, PeerCapabilities peer) => int.MaxValue;

    /// <summary>How the content of this transaction is to be sent where the server offers it; null for DATA, or whatever another extension says.</summary>
    public virtual BodyFraming? Frame(in ClientTransaction transaction, PeerCapabilities peer) => null;

    /// <summary>The verb that begins this transaction at this server, offered or not, in the place of MAIL; null for MAIL, or whatever another extension says.</summary>
    public virtual string? TransactionVerb(in ClientTransaction transaction, PeerCapabilities peer) => null;

    /// <summary>Adds parameters to MAIL where the server offers it, each with a space before it.</summary>
    public virtual void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
    }

    /// <summary>Adds parameters to RCPT where the server offers it, each with a space before it.</summary>
    public virtual void WriteRecipientParameters(EnvelopeRecipient recipient, IBufferWriter<byte> command)
    {
    }
}
