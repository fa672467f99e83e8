using Postrider.Mime.Headers;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Spool;

/// <summary>A queued envelope as the spool gives it back.</summary>
public sealed record StoredEnvelope
{
    /// <inheritdoc cref="NewEnvelope.Id"/>
    public required SpoolId Id { get; init; }

    /// <inheritdoc cref="NewEnvelope.Message"/>
    public required SpoolId Message { get; init; }

    /// <summary>Its body, which other envelopes may share.</summary>
    public required SpoolId Body { get; init; }

    /// <summary>Octets of the body as stored; <see cref="HeaderEdits.LengthChange"/> is not in it.</summary>
    public required long BodyLength { get; init; }

    /// <inheritdoc cref="NewEnvelope.Envelope"/>
    public required Envelope Envelope { get; init; }

    /// <inheritdoc cref="NewEnvelope.Edits"/>
    public required HeaderEdits Edits { get; init; }

    /// <inheritdoc cref="NewEnvelope.NextHop"/>
    public required string NextHop { get; init; }

    /// <inheritdoc cref="NewEnvelope.Arrived"/>
    public required DateTimeOffset Arrived { get; init; }

    /// <inheritdoc cref="SpoolEntry.Since"/>
    internal DateTimeOffset Since => Envelope.Release?.At ?? Arrived;

    /// <summary>Its state now.</summary>
    public required EntryState State { get; init; }

    /// <summary>Whether it waits for the time that its sender has set (RFC 4865), and no operator has released it before.</summary>
    public bool IsKept(DateTimeOffset now) => Since > now && State.Due >= Since;

    /// <summary>
    /// Whether the time is over within which the sender wanted it delivered (RFC 2852), and something follows of it: it
    /// fails, or the sender is to be told. One that was told is due later than that.
    /// </summary>
    internal bool HasRunOut(DateTimeOffset now) =>
        Envelope.DeliverBy is { Deadline: { } deadline } by && now >= deadline && (by.IsReturned || State.Due <= deadline);

    /// <summary>When it is to be looked at again: not behind that time while it is to come.</summary>
    internal DateTimeOffset WithinTime(DateTimeOffset due, DateTimeOffset now) =>
        Envelope.DeliverBy is { Deadline: { } deadline } && now < deadline && due > deadline ? deadline : due;

    /// <summary>What became of an envelope that was committed.</summary>
    internal static StoredEnvelope Of(NewEnvelope committed, EntryState state, long bodyLength) => new()
    {
        Id = committed.Id,
        Message = committed.Message,
        Body = committed.Body,
        BodyLength = bodyLength,
        Envelope = committed.Envelope,
        Edits = committed.Edits,
        NextHop = committed.NextHop,
        Arrived = committed.Arrived,
        State = state,
    };
}
