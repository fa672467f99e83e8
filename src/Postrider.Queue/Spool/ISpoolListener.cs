namespace Postrider.Queue.Spool;

/// <summary>What a spool tells its scheduler. Calls come one at a time and return at once.</summary>
public interface ISpoolListener
{
    /// <summary>An entry is there: found at the start, committed, or taken over from another node.</summary>
    void Added(in SpoolEntry entry);

    /// <summary>An entry belongs to another node now (rule 5); a local spool never says so.</summary>
    void Revoked(SpoolId envelope);
}
