namespace Postrider.Queue.Spool;

/// <summary>Why a spool could not do what it was asked; <see cref="None"/> where it could.</summary>
public enum SpoolFault
{
    /// <summary>It is done.</summary>
    None = 0,

    /// <summary>No room on the disk: 452 4.3.1, and it goes on by itself when there is room.</summary>
    NoSpace,

    /// <summary>The disk refused a write or a sync: 451 4.3.0.</summary>
    Failed,

    /// <summary>No room in memory for one more body: those under way make some soon. 452 4.3.1 where it takes long.</summary>
    NoMemory,
}
