using System.Runtime.InteropServices;

namespace Postrider.Queue.Disk;

/// <summary>
/// The disk of Linux and macOS, by the calls of the C library. Each call is made again after EINTR;
/// any other error number comes back as it is, those that .NET's own flush would hide among them.
/// </summary>
public sealed class UnixDisk : IDisk
{
    /// <summary>Makes the disk.</summary>
    /// <exception cref="PlatformNotSupportedException">On Windows, where the spool is not supported yet.</exception>
    public UnixDisk()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The durable spool runs on Linux and macOS; Windows is not supported yet.");
    }

    /// <inheritdoc/>
    public DiskError Open(string path, FileUse use, out IDiskFile? file)
    {
        var flags = UnixCalls.CloseOnExec | use switch
        {
            FileUse.Read => UnixCalls.ReadOnly,
            FileUse.ReadWrite => UnixCalls.ReadAndWrite,
            _ => UnixCalls.ReadAndWrite | UnixCalls.Create | UnixCalls.Exclusive,
        };
        file = null;
        int number;
        do
            number = UnixCalls.Open(path, flags, UnixCalls.FileMode);
        while (number < 0 && UnixCalls.IsInterrupted());
        if (number < 0)
            return UnixCalls.LastError();
        // On Apple's arm64 the mode of a variadic open() travels elsewhere than we put it.
        if (use == FileUse.CreateNew && OperatingSystem.IsMacOS() && UnixCalls.ChangeMode(number, UnixCalls.FileMode) != 0)
        {
            var error = UnixCalls.LastError();
            _ = UnixCalls.Close(number);
            return error;
        }
        file = new UnixFile(path, number);
        return DiskError.None;
    }

    /// <inheritdoc/>
    public DiskError CreateDirectory(string path)
    {
        if (UnixCalls.MakeDirectory(path, UnixCalls.DirectoryMode) == 0)
            return DiskError.None;
        var error = UnixCalls.LastError();
        if (error.IsExisting)
            return Directory.Exists(path) ? DiskError.None : error;
        if (!error.IsNotFound || Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)) is not { Length: > 0 } parent)
            return error;
        error = CreateDirectory(parent);
        return error.IsError || UnixCalls.MakeDirectory(path, UnixCalls.DirectoryMode) == 0 || UnixCalls.LastError().IsExisting ? error : UnixCalls.LastError();
    }

    /// <inheritdoc/>
    public DiskError Rename(string from, string to) => UnixCalls.Result(UnixCalls.Rename(from, to));

    /// <inheritdoc/>
    public DiskError Delete(string path) => UnixCalls.Result(UnixCalls.Unlink(path));

    /// <inheritdoc/>
    public DiskError SyncDirectory(string path)
    {
        var error = Open(path, FileUse.Read, out var directory);
        if (error.IsError)
            return error;
        using (directory)
            return ((UnixFile)directory!).SyncAll();
    }

    /// <inheritdoc/>
    public DiskError List(string path, out IReadOnlyList<string> names)
    {
        names = [];
        try
        {
            names = [.. Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry))];
            return DiskError.None;
        }
        catch (DirectoryNotFoundException)
        {
            return UnixCalls.FromNumber(UnixCalls.NoEntry);
        }
        catch (UnauthorizedAccessException)
        {
            return UnixCalls.FromNumber(UnixCalls.NoAccess);
        }
        catch (IOException failure)
        {
            return UnixCalls.FromNumber(failure.HResult is > 0 and < 4096 ? failure.HResult : UnixCalls.InputOutput);
        }
    }

    /// <inheritdoc/>
    public bool Exists(string path) => Path.Exists(path);

    /// <inheritdoc/>
    public DiskError Space(string path, out long free, out long total)
    {
        free = total = 0;
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(path));
            free = drive.AvailableFreeSpace;
            total = drive.TotalSize;
            return DiskError.None;
        }
        catch (DriveNotFoundException)
        {
            return UnixCalls.FromNumber(UnixCalls.NoEntry);
        }
        catch (UnauthorizedAccessException)
        {
            return UnixCalls.FromNumber(UnixCalls.NoAccess);
        }
        catch (IOException failure)
        {
            return UnixCalls.FromNumber(failure.HResult is > 0 and < 4096 ? failure.HResult : UnixCalls.InputOutput);
        }
    }

    /// <inheritdoc/>
    public bool IsCopyOnWrite(string path)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(path)).DriveFormat is "btrfs" or "zfs" or "bcachefs" or "apfs" or "nilfs2" or "f2fs";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask<T> RunAsync<T>(Func<T> work) => new(DiskThreads.RunAsync(work));

    /// <summary>Opens or makes a file and takes an exclusive lock on it, which ends when it is closed; at once or not at all.</summary>
    /// <returns>An error, or none; <paramref name="isHeld"/> where another process has the lock, and the file can be read only then.</returns>
    internal static DiskError OpenLocked(string path, out IDiskFile? file, out bool isHeld)
    {
        file = null;
        isHeld = false;
        var number = UnixCalls.Open(path, UnixCalls.CloseOnExec | UnixCalls.ReadAndWrite | UnixCalls.Create, UnixCalls.FileMode);
        if (number < 0)
            return UnixCalls.LastError();
        int result;
        do
            result = UnixCalls.Lock(number, UnixCalls.LockExclusiveNow);
        while (result < 0 && UnixCalls.IsInterrupted());
        if (result < 0)
        {
            isHeld = Marshal.GetLastPInvokeError() == UnixCalls.WouldBlock;
            if (!isHeld)
            {
                var error = UnixCalls.LastError();
                _ = UnixCalls.Close(number);
                return error;
            }
        }
        file = new UnixFile(path, number);
        return DiskError.None;
    }
}
