using Postrider.Mime.Headers;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Spool;

/// <summary>
/// An envelope to be queued: the recipients of one message that share a next hop. A message for
/// several next hops is several envelopes with one body.
/// </summary>
public sealed record NewEnvelope
{
    /// <summary>Its name, from <see cref="ISpool.NewId"/>.</summary>
    public required SpoolId Id { get; init; }

    /// <summary>The message it belongs to: the name that the sender, the log and the trace know.</summary>
    public required SpoolId Message { get; init; }

    /// <summary>Its body: one that the same commit stores, or one that another envelope refers to.</summary>
    public required SpoolId Body { get; init; }

    /// <summary>Sender, recipients and the rest of the vocabulary.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>What is changed in the header block since it was received.</summary>
    public required HeaderEdits Edits { get; init; }

    /// <summary>An opaque key of where it goes, which only delivery understands.</summary>
    public required string NextHop { get; init; }

    /// <summary>When the message was accepted; its age counts from here, unless it is kept until a later time (RFC 4865).</summary>
    public required DateTimeOffset Arrived { get; init; }

    /// <inheritdoc cref="SpoolEntry.Since"/>
    internal DateTimeOffset Since => Envelope.Release?.At ?? Arrived;

    /// <summary>The state it starts with.</summary>
    public required EntryState State { get; init; }
}
