namespace Postrider.Queue.Spool.Log;

/// <summary>Something that was found damaged when a spool was opened. The rest of the spool goes on without it.</summary>
/// <param name="File">The file, as a path.</param>
/// <param name="Offset">Where the damage begins.</param>
/// <param name="Length">How many octets it takes; 0 where that is unknown.</param>
/// <param name="What">What was found, and what became of it.</param>
public sealed record SpoolDamage(string File, long Offset, long Length, string What);
