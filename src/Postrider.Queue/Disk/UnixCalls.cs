using System.Runtime.InteropServices;

namespace Postrider.Queue.Disk;

/// <summary>The calls of the C library of Linux and macOS that the disk makes, and their numbers.</summary>
internal static unsafe partial class UnixCalls
{
    public const int ReadOnly = 0;
    public const int ReadAndWrite = 2;
    public const int SeekEnd = 2;
    public const int FullSync = 51;
    public const int WriteWithoutWaiting = 2;
    public const int FileMode = 0x180;
    public const int DirectoryMode = 0x1C0;

    public const int LockExclusiveNow = 2 | 4;

    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoAccess = 13;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int InvalidArgument = 22;
    public const int NoSpace = 28;

    private const string Library = "libc";

    public static readonly int Create = OperatingSystem.IsMacOS() ? 0x200 : 0x40;
    public static readonly int Exclusive = OperatingSystem.IsMacOS() ? 0x800 : 0x80;
    public static readonly int CloseOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
    public static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;
    public static readonly int QuotaExceeded = OperatingSystem.IsMacOS() ? 69 : 122;

    /// <summary>Opens a file to be written past the cache; 0 where there is no such flag, or its value is not known.</summary>
    public static readonly int Direct = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 0x4000,
        Architecture.Arm64 => 0x10000,
        _ => 0,
    };

    public struct Vector
    {
        public nint Start;
        public nint Length;
    }

    public static DiskError Result(int result) => result == 0 ? DiskError.None : LastError();

    public static DiskError LastError() => FromNumber(Marshal.GetLastPInvokeError());

    public static DiskError FromNumber(int number) => new(
        number,
        IsNoSpace: number == NoSpace || number == QuotaExceeded,
        IsNotFound: number is NoEntry or NotDirectory,
        IsExisting: number == Exists);

    public static bool IsInterrupted() => Marshal.GetLastPInvokeError() == Interrupted;

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int handle);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int handle, int mode);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int handle, int operation);

    [LibraryImport(Library, EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectory(string path, int mode);

    [LibraryImport(Library, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport(Library, EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int handle, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int handle, byte* buffer, nint length, long offset);

    [LibraryImport(Library, EntryPoint = "pwritev", SetLastError = true)]
    public static partial nint WriteAt(int handle, Vector* vectors, int count, long offset);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int handle, long length);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int handle);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int SyncData(int handle);

    [LibraryImport(Library, EntryPoint = "sync_file_range", SetLastError = true)]
    public static partial int SyncRange(int handle, long offset, long length, uint flags);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int handle, int command);
}
