namespace Postrider.Smtp.Envelopes;

/// <summary>Within which time the sender wants a message to be delivered, and what becomes of it otherwise (RFC 2852).</summary>
/// <param name="Time">The time that was given, in whole seconds of at most nine digits; none left, or less, only where the sender is merely told.</param>
/// <param name="IsReturned">By-mode <c>R</c>: what is not delivered by then is returned; else <c>N</c>: the sender is told of the delay, once.</param>
/// <param name="IsTraced">By-trace <c>T</c>: each server that passes it on tells the sender so.</param>
public sealed record DeliverBy(TimeSpan Time, bool IsReturned, bool IsTraced = false)
{
    /// <summary>When the time is over; null until a server has taken the message, who knows the time.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The same with <see cref="Deadline"/> set, for a message whose time began to run then.</summary>
    public DeliverBy From(DateTimeOffset now) => Deadline is null ? this with { Deadline = now + Time } : this;

    /// <summary>What is left of it; negative where it is over.</summary>
    public TimeSpan Left(DateTimeOffset now) => Deadline - now ?? Time;
}
