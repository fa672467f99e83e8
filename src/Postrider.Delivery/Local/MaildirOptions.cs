namespace Postrider.Delivery.Local;

/// <summary>How mail is put into Maildirs.</summary>
public sealed record MaildirOptions
{
    /// <summary>The name of this host, part of each file's name.</summary>
    public required string HostName { get; init; }

    /// <summary>How lines end in the files; LF unless something that reads them needs otherwise.</summary>
    public MailboxLineEnding LineEnding { get; init; }

    /// <summary>What is kept at most below each root, or null: everything.</summary>
    public MaildirBound? Bound { get; init; }
}
