namespace Postrider.Queue.Scheduling;

/// <summary>What an operator, or the queue itself, wants done to an entry.</summary>
/// <param name="Kind">What.</param>
/// <param name="Reason">Why, for a hold; what the sender is told, for a deletion with a report; else null.</param>
internal sealed record EntryCommand(EntryCommandKind Kind, string? Reason);

internal enum EntryCommandKind
{
    Hold,
    Release,
    Delete,
}
