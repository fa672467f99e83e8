namespace Postrider.Smtp.Envelopes;

/// <summary>When the sender wants a message to be sent on, which is kept until then (RFC 4865): after some time, or at a time.</summary>
public sealed record FutureRelease
{
    /// <summary><c>HOLDFOR</c>: how long it is kept, in whole seconds up to 999,999,999; null where a time was given.</summary>
    public TimeSpan? After { get; init; }

    /// <summary><c>HOLDUNTIL</c>: when it is sent on. Beside <see cref="After"/> it is null until a server has taken the message, who knows the time.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The same with <see cref="At"/> set, for a message that was announced at this time.</summary>
    public FutureRelease From(DateTimeOffset now) => At is null ? this with { At = now + After } : this;
}
