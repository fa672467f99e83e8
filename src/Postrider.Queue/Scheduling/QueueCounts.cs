namespace Postrider.Queue.Scheduling;

/// <summary>How much a queue holds.</summary>
/// <param name="Entries">Entries in all.</param>
/// <param name="Waiting">Those that wait for their next attempt.</param>
/// <param name="Ready">Those that are due and wait for delivery to have room.</param>
/// <param name="Leased">Those that are with delivery, or whose outcome is not on disk yet.</param>
/// <param name="Held">Those that are held.</param>
/// <param name="Unsynced">Outcomes that are not on disk yet (rule 18).</param>
/// <param name="NextHops">Different next hops.</param>
public readonly record struct QueueCounts(int Entries, int Waiting, int Ready, int Leased, int Held, int Unsynced, int NextHops);

/// <summary>How much a queue holds for one next hop.</summary>
/// <param name="NextHop">Its key.</param>
/// <param name="Entries">Entries in all.</param>
/// <param name="Ready">Those that are due and wait for delivery to have room.</param>
/// <param name="Leased">Those that are with delivery.</param>
/// <param name="Held">Those that are held.</param>
/// <param name="Reason">Why delivery last handed one back, or null.</param>
public sealed record NextHopCounts(string NextHop, int Entries, int Ready, int Leased, int Held, string? Reason);
