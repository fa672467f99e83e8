using Postrider.Queue.Spool;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// An entry whose time has come, leased to delivery: nobody else tries it until delivery hands it
/// back by <see cref="ILeases.CompleteAsync"/> or <see cref="ILeases.NotTried"/>, exactly one of them, once.
/// </summary>
/// <param name="Id">The envelope.</param>
/// <param name="NextHop">The key of its next hop.</param>
/// <param name="Size">Octets of the body as stored, rounded up to 64.</param>
public readonly record struct DueEntry(SpoolId Id, string NextHop, long Size)
{
    /// <summary>Of so many attempts that wait, all but one go to the most urgent, and the last to what has waited for longest.</summary>
    public const int UrgentInARow = 4;

    /// <summary>The least priority there is (RFC 6710 §3).</summary>
    public const sbyte LeastPriority = -9;

    /// <summary>How many priorities there are.</summary>
    public const int Priorities = 19;

    /// <summary>How urgent it is, -9 to 9 (RFC 6710).</summary>
    public sbyte Priority { get; init; }

    /// <summary>Tells this lease from an earlier one of the same entry, which a command may have ended. Only the queue sets it.</summary>
    public long Lease { get; init; }
}
