namespace Postrider.Testing.Networks;

/// <summary>What goes wrong with one connection of an <see cref="InMemoryNetwork"/>.</summary>
public sealed record LinkFaults
{
    /// <summary>Nothing.</summary>
    public static LinkFaults None { get; } = new();

    /// <summary>The connection is refused at once.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Nothing answers: the connect waits until it is cancelled.</summary>
    public bool IsSilent { get; init; }

    /// <summary>The connection breaks once this many octets have gone from the connecting side; null for never.</summary>
    public long? CutAfterSent { get; init; }

    /// <summary>The connection breaks once this many octets have gone to the connecting side; null for never.</summary>
    public long? CutAfterReceived { get; init; }
}
