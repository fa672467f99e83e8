namespace Postrider.Smtp.Server;

/// <summary>What a server takes as content beyond what the line rules of RFC 5321 decide. Immutable.</summary>
public sealed record ContentPolicy
{
    /// <summary>The defaults.</summary>
    public static ContentPolicy Default { get; } = new();

    /// <summary>Whether a message with a NUL in it is refused; false, for a server passes it on (RFC 5321 §4.1.1.4).</summary>
    public bool RefuseNul { get; init; }
}
