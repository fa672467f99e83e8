namespace Postrider.Queue.Disk;

/// <summary>How a file is opened.</summary>
public enum FileUse
{
    /// <summary>To read a file that exists.</summary>
    Read,

    /// <summary>To read and write a file that exists.</summary>
    ReadWrite,

    /// <summary>To make a file that must not exist yet, mode 0600, and write it.</summary>
    CreateNew,
}

/// <summary>
/// Every disk call of spool and Maildir. Calls block, return the error number instead of throwing,
/// and promise no durability but by <see cref="IDiskFile.SyncData"/> (content and length of a file)
/// and <see cref="SyncDirectory"/> (names). The test's disk loses whatever was not synced.
/// </summary>
public interface IDisk
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="use">What for.</param>
    /// <param name="file">The file, or null where an error is returned.</param>
    DiskError Open(string path, FileUse use, out IDiskFile? file);

    /// <summary>Makes a directory, mode 0700, and those above it; none of them is synced.</summary>
    DiskError CreateDirectory(string path);

    /// <summary>Renames a file within one file system, replacing what has the new name.</summary>
    DiskError Rename(string from, string to);

    /// <summary>Removes a file.</summary>
    DiskError Delete(string path);

    /// <summary>Makes the names in a directory durable: files created, renamed and removed.</summary>
    DiskError SyncDirectory(string path);

    /// <summary>The names of files and directories in a directory, without their path.</summary>
    DiskError List(string path, out IReadOnlyList<string> names);

    /// <summary>Whether a file or directory is there.</summary>
    bool Exists(string path);

    /// <summary>Octets that may still be written on the file system of a path, and its size.</summary>
    DiskError Space(string path, out long free, out long total);

    /// <summary>Whether the file system writes to a new place each time, so that filling ahead is of no use.</summary>
    bool IsCopyOnWrite(string path);

    /// <summary>Runs blocking work on a thread of the disk; the test's disk runs it at once.</summary>
    ValueTask<T> RunAsync<T>(Func<T> work);
}
