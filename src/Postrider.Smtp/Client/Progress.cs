using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>How far a reply has brought a part of a session: the opening, or a transaction.</summary>
internal readonly record struct Progress
{
    public static readonly Progress GoesOn;

    public static readonly Progress Done = new() { IsDone = true };

    private static readonly EnhancedStatusCode InvalidCommand = new(4, 5, 0);

    /// <summary>Whether the part is over, and well.</summary>
    public bool IsDone { get; private init; }

    /// <summary>Why the session is over; null while it is not.</summary>
    public SessionEnding? Ending { get; private init; }

    public static Progress Ended(SessionEnding ending) => new() { Ending = ending };

    /// <summary>The server did what no server may.</summary>
    public static Progress Violation(string text) => Ended(new SessionEnding(EndingKind.Violation, 0, InvalidCommand, text));
}
