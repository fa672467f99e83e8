namespace Postrider.Queue.Spool;

/// <summary>How far the opening of a spool has come.</summary>
/// <param name="Done">Octets read.</param>
/// <param name="Total">Octets to read.</param>
/// <param name="Entries">Entries found so far.</param>
public readonly record struct SpoolProgress(long Done, long Total, long Entries);
