using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Postrider.Queue.Disk;

/// <summary>
/// The disk of Linux and macOS, by the calls of the C library. Each call is made again after EINTR;
/// any other error number comes back as it is, those that .NET's own flush would hide among them.
/// </summary>
public sealed partial class UnixDisk : IDisk
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
        var flags = Native.CloseOnExec | use switch
        {
            FileUse.Read => Native.ReadOnly,
            FileUse.ReadWrite => Native.ReadAndWrite,
            _ => Native.ReadAndWrite | Native.Create | Native.Exclusive,
        };
        file = null;
        int number;
        do
            number = Native.Open(path, flags, Native.FileMode);
        while (number < 0 && IsInterrupted());
        if (number < 0)
            return LastError();
        // On Apple's arm64 the mode of a variadic open() travels elsewhere than we put it.
        if (use == FileUse.CreateNew && OperatingSystem.IsMacOS() && Native.ChangeMode(number, Native.FileMode) != 0)
        {
            var error = LastError();
            _ = Native.Close(number);
            return error;
        }
        file = new UnixFile(new Descriptor(number));
        return DiskError.None;
    }

    /// <inheritdoc/>
    public DiskError CreateDirectory(string path)
    {
        if (Native.MakeDirectory(path, Native.DirectoryMode) == 0)
            return DiskError.None;
        var error = LastError();
        if (error.IsExisting)
            return Directory.Exists(path) ? DiskError.None : error;
        if (!error.IsNotFound || Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)) is not { Length: > 0 } parent)
            return error;
        error = CreateDirectory(parent);
        return error.IsError || Native.MakeDirectory(path, Native.DirectoryMode) == 0 || LastError().IsExisting ? error : LastError();
    }

    /// <inheritdoc/>
    public DiskError Rename(string from, string to) => Result(Native.Rename(from, to));

    /// <inheritdoc/>
    public DiskError Delete(string path) => Result(Native.Unlink(path));

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
            return FromNumber(Native.NoEntry);
        }
        catch (UnauthorizedAccessException)
        {
            return FromNumber(Native.NoAccess);
        }
        catch (IOException failure)
        {
            return FromNumber(failure.HResult is > 0 and < 4096 ? failure.HResult : Native.InputOutput);
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
            return FromNumber(Native.NoEntry);
        }
        catch (UnauthorizedAccessException)
        {
            return FromNumber(Native.NoAccess);
        }
        catch (IOException failure)
        {
            return FromNumber(failure.HResult is > 0 and < 4096 ? failure.HResult : Native.InputOutput);
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
        var number = Native.Open(path, Native.CloseOnExec | Native.ReadAndWrite | Native.Create, Native.FileMode);
        if (number < 0)
            return LastError();
        int result;
        do
            result = Native.Lock(number, Native.LockExclusiveNow);
        while (result < 0 && IsInterrupted());
        if (result < 0)
        {
            isHeld = Marshal.GetLastPInvokeError() == Native.WouldBlock;
            if (!isHeld)
            {
                var error = LastError();
                _ = Native.Close(number);
                return error;
            }
        }
        file = new UnixFile(new Descriptor(number));
        return DiskError.None;
    }

    private static DiskError Result(int result) => result == 0 ? DiskError.None : LastError();

    private static DiskError LastError() => FromNumber(Marshal.GetLastPInvokeError());

    private static DiskError FromNumber(int number) => new(
        number,
        IsNoSpace: number == Native.NoSpace || number == Native.QuotaExceeded,
        IsNotFound: number is Native.NoEntry or Native.NotDirectory,
        IsExisting: number == Native.Exists);

    private static bool IsInterrupted() => Marshal.GetLastPInvokeError() == Native.Interrupted;

    // An open file's number. It is closed when the last call that uses it has returned, so that no call
    // reaches another file, opened meanwhile, which got the same number.
    private sealed class Descriptor : SafeHandleMinusOneIsInvalid
    {
        public Descriptor(int number)
            : base(ownsHandle: true) => SetHandle(number);

        protected override bool ReleaseHandle() => Native.Close((int)handle) == 0;
    }

    // Keeps a descriptor open for as long as a call lasts.
    private readonly ref struct Use
    {
        private readonly Descriptor _descriptor;

        public Use(Descriptor descriptor)
        {
            _descriptor = descriptor;
            var isHeld = false;
            try
            {
                descriptor.DangerousAddRef(ref isHeld);
            }
            catch (ObjectDisposedException)
            {
                // The system answers "bad file descriptor".
                Number = -1;
                return;
            }
            Number = (int)descriptor.DangerousGetHandle();
        }

        public int Number { get; }

        public void Dispose()
        {
            if (Number >= 0)
                _descriptor.DangerousRelease();
        }
    }

    private sealed class UnixFile(Descriptor descriptor) : IDiskFile
    {
        // One call takes at most so many pieces (IOV_MAX of Linux and macOS).
        private const int PiecesAtOnce = 1024;

        public DiskError Length(out long length)
        {
            using var use = new Use(descriptor);
            length = Native.Seek(use.Number, 0, Native.SeekEnd);
            return length < 0 ? LastError() : DiskError.None;
        }

        public unsafe DiskError Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
        {
            var most = Math.Min(pieces.Count, PiecesAtOnce);
            var pins = ArrayPool<MemoryHandle>.Shared.Rent(most);
            var vectors = ArrayPool<Native.Vector>.Shared.Rent(most);
            var pinned = 0;
            try
            {
                for (var next = 0; next < pieces.Count;)
                {
                    long length = 0;
                    for (; next < pieces.Count && pinned < most; next++)
                    {
                        var piece = pieces[next];
                        if (piece.IsEmpty)
                            continue;
                        pins[pinned] = piece.Pin();
                        vectors[pinned] = new Native.Vector { Start = (nint)pins[pinned].Pointer, Length = piece.Length };
                        length += piece.Length;
                        pinned++;
                    }
                    var error = WriteAll(offset, vectors.AsSpan(0, pinned));
                    if (error.IsError)
                        return error;
                    offset += length;
                    while (pinned > 0)
                        pins[--pinned].Dispose();
                }
                return DiskError.None;
            }
            finally
            {
                while (pinned > 0)
                    pins[--pinned].Dispose();
                ArrayPool<MemoryHandle>.Shared.Return(pins);
                ArrayPool<Native.Vector>.Shared.Return(vectors);
            }
        }

        public unsafe DiskError Read(long offset, Span<byte> buffer, out int read)
        {
            using var use = new Use(descriptor);
            read = 0;
            while (!buffer.IsEmpty)
            {
                nint count;
                fixed (byte* start = buffer)
                    count = Native.ReadAt(use.Number, start, buffer.Length, offset);
                if (count == 0)
                    break;
                if (count < 0)
                {
                    if (IsInterrupted())
                        continue;
                    return LastError();
                }
                read += (int)count;
                offset += count;
                buffer = buffer[(int)count..];
            }
            return DiskError.None;
        }

        public DiskError SyncData()
        {
            using var use = new Use(descriptor);
            int result;
            do
            {
                // fsync on macOS leaves the data in the drive's cache; only this command flushes that.
                result = OperatingSystem.IsMacOS() ? Native.Control(use.Number, Native.FullSync) : Native.SyncData(use.Number);
            }
            while (result < 0 && IsInterrupted());
            return result < 0 ? LastError() : DiskError.None;
        }

        public void StartWriteOut()
        {
            using var use = new Use(descriptor);
            // The whole file (length 0), without waiting; only Linux has the call.
            if (OperatingSystem.IsLinux())
                _ = Native.SyncRange(use.Number, 0, 0, Native.WriteWithoutWaiting);
        }

        public DiskError SyncAll()
        {
            if (OperatingSystem.IsMacOS())
                return SyncData();
            using var use = new Use(descriptor);
            int result;
            do
                result = Native.Sync(use.Number);
            while (result < 0 && IsInterrupted());
            return Result(result);
        }

        public DiskError SetLength(long length)
        {
            using var use = new Use(descriptor);
            int result;
            do
                result = Native.Truncate(use.Number, length);
            while (result < 0 && IsInterrupted());
            return Result(result);
        }

        public void Dispose() => descriptor.Dispose();

        private unsafe DiskError WriteAll(long offset, Span<Native.Vector> vectors)
        {
            using var use = new Use(descriptor);
            while (!vectors.IsEmpty)
            {
                nint count;
                fixed (Native.Vector* first = vectors)
                    count = Native.WriteAt(use.Number, first, vectors.Length, offset);
                if (count < 0)
                {
                    if (IsInterrupted())
                        continue;
                    return LastError();
                }
                if (count == 0)
                    return FromNumber(Native.InputOutput);
                offset += count;
                while (!vectors.IsEmpty && count >= vectors[0].Length)
                {
                    count -= vectors[0].Length;
                    vectors = vectors[1..];
                }
                if (count > 0)
                    vectors[0] = new Native.Vector { Start = vectors[0].Start + count, Length = vectors[0].Length - count };
            }
            return DiskError.None;
        }
    }

    private static unsafe partial class Native
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
        public const int NoSpace = 28;

        private const string Library = "libc";

        public static readonly int Create = OperatingSystem.IsMacOS() ? 0x200 : 0x40;
        public static readonly int Exclusive = OperatingSystem.IsMacOS() ? 0x800 : 0x80;
        public static readonly int CloseOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
        public static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;
        public static readonly int QuotaExceeded = OperatingSystem.IsMacOS() ? 69 : 122;

        public struct Vector
        {
            public nint Start;
            public nint Length;
        }

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
}
