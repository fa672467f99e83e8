namespace Postrider.Smtp.Server;

/// <summary>
/// What a content filter said by XFORWARD of whom the next message came from; null where it is not known. For the log
/// alone: each is what another host took for true, printable ASCII of at most 255 characters.
/// </summary>
public sealed record ForwardedFacts
{
    /// <summary>The client's host name.</summary>
    public string? Name { get; init; }

    /// <summary>The client's address, which need not be one of IP.</summary>
    public string? Address { get; init; }

    /// <summary>The client's port.</summary>
    public string? Port { get; init; }

    /// <summary>How the message came.</summary>
    public string? Protocol { get; init; }

    /// <summary>What the client called itself.</summary>
    public string? Hello { get; init; }

    /// <summary>The name of the message on that host.</summary>
    public string? Identity { get; init; }

    /// <summary>Whether the message was written on that host, or near it.</summary>
    public bool IsLocal { get; init; }
}
