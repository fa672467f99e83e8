using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>Where an entry is in the queue.</summary>
public enum QueuedState
{
    /// <summary>It waits for its next attempt.</summary>
    Waiting,

    /// <summary>It is due, and waits for delivery to have room.</summary>
    Ready,

    /// <summary>It is with delivery, or a command is at work on it.</summary>
    Active,

    /// <summary>It is held.</summary>
    Held,
}

/// <summary>What the index knows of an entry, without a look into the spool.</summary>
/// <param name="Id">The entry.</param>
/// <param name="NextHop">The key of its next hop.</param>
/// <param name="State">Where it is.</param>
/// <param name="Since">From when its age counts, to the second: when the message was accepted, or is sent on at the earliest (RFC 4865).</param>
/// <param name="Due">When the next attempt is due, to the second.</param>
/// <param name="NotTriedReason">Why delivery last handed back an entry of this next hop, or null.</param>
public sealed record EntryPosition(
    SpoolId Id,
    string NextHop,
    QueuedState State,
    DateTimeOffset Since,
    DateTimeOffset Due,
    string? NotTriedReason);
