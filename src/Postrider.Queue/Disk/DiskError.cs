namespace Postrider.Queue.Disk;

/// <summary>The error number of a disk call, as the operating system gave it; 0 where there was none.</summary>
/// <param name="Number">errno on Unix, GetLastError on Windows.</param>
/// <param name="IsNoSpace">No space or quota is left: ENOSPC, EDQUOT, ERROR_DISK_FULL.</param>
/// <param name="IsNotFound">The file or its directory does not exist.</param>
/// <param name="IsExisting">The file exists already.</param>
public readonly record struct DiskError(int Number, bool IsNoSpace = false, bool IsNotFound = false, bool IsExisting = false)
{
    /// <summary>The call did what it was asked.</summary>
    public static DiskError None => default;

    /// <summary>Whether the call failed.</summary>
    public bool IsError => Number != 0;
}
