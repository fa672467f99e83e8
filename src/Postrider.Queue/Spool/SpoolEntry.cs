namespace Postrider.Queue.Spool;

/// <summary>What a scheduler needs to know of a queued envelope.</summary>
public readonly record struct SpoolEntry
{
    /// <summary>The envelope.</summary>
    public required SpoolId Id { get; init; }

    /// <summary>The message it belongs to.</summary>
    public required SpoolId Message { get; init; }

    /// <summary>The key of its next hop, one string instance for all entries with the same key.</summary>
    public required string NextHop { get; init; }

    /// <summary>From when its age counts: when the message was accepted, or is sent on at the earliest (RFC 4865).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Attempts made.</summary>
    public required int Attempts { get; init; }

    /// <summary>The version of its state.</summary>
    public required uint Version { get; init; }

    /// <summary>Whether it is held.</summary>
    public required bool IsHeld { get; init; }

    /// <summary>Octets of the body as stored.</summary>
    public required long Size { get; init; }

    /// <summary>How urgent it is, -9 to 9 (RFC 6710).</summary>
    public sbyte Priority { get; init; }

    /// <summary>Whether there is a time by which it is to be delivered (RFC 2852), which the envelope says.</summary>
    public bool HasDeadline { get; init; }

    /// <summary>Attempts that began and of whose end nothing is known; 0 but after a crash.</summary>
    public int Starts { get; init; }
}
