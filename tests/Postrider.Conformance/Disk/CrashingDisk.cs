using System.Runtime.InteropServices;
using Postrider.Queue.Disk;

namespace Postrider.Conformance.Disk;

/// <summary>What a power cut leaves of writes that were not synced.</summary>
public enum CrashMode
{
    /// <summary>None of them.</summary>
    NothingUnsynced,

    /// <summary>All of them, as after a killed process whose cache was written out.</summary>
    EverythingUnsynced,

    /// <summary>Any of them, each as a whole, in any order.</summary>
    AnyWrites,

    /// <summary>Any pages of 4 KB.</summary>
    AnyPages,

    /// <summary>Any sectors of 512 octets: writes are torn.</summary>
    AnySectors,

    /// <summary>The first of them, the last one torn.</summary>
    Prefix,
}

/// <summary>A call that changes a disk.</summary>
public enum DiskCall
{
    /// <summary>A file is made.</summary>
    Create,

    /// <summary>Octets are written.</summary>
    Write,

    /// <summary>A file is synced.</summary>
    SyncData,

    /// <summary>A directory is synced.</summary>
    SyncDirectory,

    /// <summary>A file gets another name.</summary>
    Rename,

    /// <summary>A name is removed.</summary>
    Delete,
}

/// <summary>
/// A disk in memory that keeps what was not synced apart: contents, lengths and names. A crash makes
/// another disk of what a power cut would have left, any subset of it, and nothing that was synced is
/// ever lost. Calls can be made to fail, room to end, syncs to lie.
/// </summary>
public sealed class CrashingDisk : IDisk
{
    private const int InputOutputError = 5;
    private const int NoEntryError = 2;
    private const int ExistsError = 17;
    private const int NoSpaceError = 28;
    private const int BlockSize = 4096;

    private readonly Lock sync = new();
    private readonly Dictionary<string, CrashingFile> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CrashingFile> durableNames = new(StringComparer.Ordinal);
    private readonly List<NameChange> pendingNames = [];
    private readonly Queue<Action> deferred = [];
    private readonly Random random;

    /// <summary>Makes an empty disk.</summary>
    /// <param name="seed">What partial failures are drawn from.</param>
    public CrashingDisk(int seed = 0)
    {
        random = new Random(seed);
        names["/"] = durableNames["/"] = CrashingFile.Directory();
    }

    /// <summary>How many octets fit on it.</summary>
    public long Capacity { get; set; } = 1 << 30;

    /// <summary>Whether SyncData says that it did, and does nothing: no test of a spool may pass then.</summary>
    public bool LiesAboutData { get; set; }

    /// <summary>Whether SyncDirectory says that it did, and does nothing.</summary>
    public bool LiesAboutNames { get; set; }

    /// <summary>Whether RunAsync waits for <see cref="RunDeferred"/>, so that commits gather as behind a slow disk.</summary>
    public bool IsDeferring { get; set; }

    /// <summary>Whether a write that fails has not even begun.</summary>
    public bool IsWritingNothingOnError { get; set; }

    /// <summary>Calls made so far that change something.</summary>
    public long Calls { get; private set; }

    /// <summary>Is asked before each call that changes something, with its path; an error fails the call.</summary>
    public Func<DiskCall, string, DiskError>? Fault { get; set; }

    /// <summary>Is called before each call that changes something: the moment for a power cut.</summary>
    public Action? BeforeCall { get; set; }

    /// <summary>Octets in all files.</summary>
    public long Used
    {
        get
        {
            lock (sync)
                return UsedNow();
        }
    }

    /// <summary>An error as a broken disk gives it.</summary>
    public static DiskError BrokenDisk { get; } = new(InputOutputError);

    /// <summary>An error as a full disk gives it.</summary>
    public static DiskError FullDisk { get; } = new(NoSpaceError, IsNoSpace: true);

    /// <summary>The disk after a power cut now. This one goes on as if nothing had happened.</summary>
    public CrashingDisk Crash(int seed, CrashMode mode)
    {
        lock (sync)
        {
            var dice = new Random(seed);
            var after = new CrashingDisk(seed) { Capacity = Capacity };
            var left = new Dictionary<string, CrashingFile>(durableNames, StringComparer.Ordinal);
            var prefix = mode == CrashMode.Prefix ? dice.Next(pendingNames.Count + 1) : pendingNames.Count;
            foreach (var change in pendingNames.Take(prefix))
            {
                var survives = mode switch
                {
                    CrashMode.NothingUnsynced => false,
                    CrashMode.EverythingUnsynced or CrashMode.Prefix => true,
                    _ => dice.Next(2) == 0,
                };
                if (survives)
                    change.Apply(left);
            }
            var copies = new Dictionary<CrashingFile, CrashingFile>();
            foreach (var (name, file) in left)
            {
                if (!copies.TryGetValue(file, out var copy))
                    copies.Add(file, copy = file.AfterCrash(dice, mode));
                after.names[name] = after.durableNames[name] = copy;
            }
            return after;
        }
    }

    /// <summary>
    /// The disk as the next process finds it when this one is killed: all that was written is seen,
    /// and what was not synced is still to be lost by a power cut.
    /// </summary>
    public CrashingDisk Kill()
    {
        lock (sync)
        {
            var after = new CrashingDisk(random.Next()) { Capacity = Capacity };
            var copies = new Dictionary<CrashingFile, CrashingFile>();
            foreach (var file in names.Values.Concat(durableNames.Values).Concat(pendingNames.Select(change => change.File)).OfType<CrashingFile>())
            {
                if (!copies.ContainsKey(file))
                    copies.Add(file, file.Copy());
            }
            foreach (var (name, file) in names)
                after.names[name] = copies[file];
            foreach (var (name, file) in durableNames)
                after.durableNames[name] = copies[file];
            foreach (var change in pendingNames)
                after.pendingNames.Add(change with { File = change.File is null ? null : copies[change.File] });
            return after;
        }
    }

    /// <summary>Does what RunAsync has put off, in order, until nothing is left.</summary>
    public void RunDeferred()
    {
        while (deferred.TryDequeue(out var work))
            work();
    }

    /// <summary>Does one piece of it; false where there was none.</summary>
    public bool RunOneDeferred()
    {
        if (!deferred.TryDequeue(out var work))
            return false;
        work();
        return true;
    }

    /// <summary>The files, by path, for tests that damage them.</summary>
    public IReadOnlyList<string> Files()
    {
        lock (sync)
            return [.. names.Where(name => !name.Value.IsDirectory).Select(name => name.Key).Order(StringComparer.Ordinal)];
    }

    /// <summary>Octets of a file.</summary>
    public byte[] Content(string path)
    {
        lock (sync)
            return names[path].Content();
    }

    /// <summary>Replaces a file behind the back of whoever uses the disk; null removes it.</summary>
    public void Damage(string path, byte[]? content)
    {
        lock (sync)
        {
            names.Remove(path);
            durableNames.Remove(path);
            if (content is not null)
                names[path] = durableNames[path] = CrashingFile.Of(content);
        }
    }

    /// <inheritdoc/>
    public DiskError Open(string path, FileUse use, out IDiskFile? file)
    {
        file = null;
        if (use == FileUse.CreateNew)
        {
            var error = Begin(DiskCall.Create, path);
            if (error.IsError)
                return error;
        }
        lock (sync)
        {
            var exists = names.TryGetValue(path, out var content);
            if (use == FileUse.CreateNew)
            {
                if (exists)
                    return new DiskError(ExistsError, IsExisting: true);
                if (!names.ContainsKey(Parent(path)))
                    return new DiskError(NoEntryError, IsNotFound: true);
                content = new CrashingFile();
                Change(new NameChange(Parent(path), null, path, content));
            }
            else if (!exists || content!.IsDirectory)
            {
                return new DiskError(NoEntryError, IsNotFound: true);
            }
            file = new Handle(this, path, content!);
            return DiskError.None;
        }
    }

    /// <inheritdoc/>
    public DiskError CreateDirectory(string path)
    {
        lock (sync)
        {
            if (names.TryGetValue(path, out var there))
                return there.IsDirectory ? DiskError.None : new DiskError(ExistsError, IsExisting: true);
            var error = CreateDirectory(Parent(path));
            if (!error.IsError)
                Change(new NameChange(Parent(path), null, path, CrashingFile.Directory()));
            return error;
        }
    }

    /// <inheritdoc/>
    public DiskError Rename(string from, string to)
    {
        var error = Begin(DiskCall.Rename, from);
        if (error.IsError)
            return error;
        lock (sync)
        {
            if (!names.TryGetValue(from, out var file))
                return new DiskError(NoEntryError, IsNotFound: true);
            Change(new NameChange(Parent(to), from, to, file));
            return DiskError.None;
        }
    }

    /// <inheritdoc/>
    public DiskError Delete(string path)
    {
        var error = Begin(DiskCall.Delete, path);
        if (error.IsError)
            return error;
        lock (sync)
        {
            if (!names.ContainsKey(path))
                return new DiskError(NoEntryError, IsNotFound: true);
            Change(new NameChange(Parent(path), path, null, null));
            return DiskError.None;
        }
    }

    /// <inheritdoc/>
    public DiskError SyncDirectory(string path)
    {
        var error = Begin(DiskCall.SyncDirectory, path);
        if (error.IsError)
            return error;
        lock (sync)
        {
            if (!names.ContainsKey(path))
                return new DiskError(NoEntryError, IsNotFound: true);
            if (LiesAboutNames)
                return DiskError.None;
            foreach (var change in pendingNames.Where(change => change.Directory == path))
                change.Apply(durableNames);
            pendingNames.RemoveAll(change => change.Directory == path);
            return DiskError.None;
        }
    }

    /// <inheritdoc/>
    public DiskError List(string path, out IReadOnlyList<string> names)
    {
        lock (sync)
        {
            names = [.. this.names.Keys.Where(name => name != "/" && Parent(name) == path).Select(name => Path.GetFileName(name)!)];
            return this.names.ContainsKey(path) ? DiskError.None : new DiskError(NoEntryError, IsNotFound: true);
        }
    }

    /// <inheritdoc/>
    public bool Exists(string path)
    {
        lock (sync)
            return names.ContainsKey(path);
    }

    /// <inheritdoc/>
    public DiskError Space(string path, out long free, out long total)
    {
        lock (sync)
            free = Math.Max(0, Capacity - UsedNow());
        total = Capacity;
        return DiskError.None;
    }

    /// <inheritdoc/>
    public bool IsCopyOnWrite(string path) => false;

    /// <inheritdoc/>
    public ValueTask<T> RunAsync<T>(Func<T> work)
    {
        if (!IsDeferring)
            return new(work());
        var result = new TaskCompletionSource<T>();
        deferred.Enqueue(() => result.SetResult(work()));
        return new(result.Task);
    }

    private static string Parent(string path) => Path.GetDirectoryName(path) ?? "/";

    private DiskError Begin(DiskCall call, string path)
    {
        BeforeCall?.Invoke();
        Calls++;
        return Fault?.Invoke(call, path) ?? DiskError.None;
    }

    private void Change(NameChange change)
    {
        change.Apply(names);
        pendingNames.Add(change);
    }

    private long UsedNow() => names.Values.Sum(file => file.Length);

    // What becomes of names: one goes, one comes, or both at once. It is durable with its directory.
    private sealed record NameChange(string Directory, string? Gone, string? Come, CrashingFile? File)
    {
        public void Apply(Dictionary<string, CrashingFile> names)
        {
            if (Gone is not null)
                names.Remove(Gone);
            if (Come is not null)
                names[Come] = File!;
        }
    }

    private sealed class Handle(CrashingDisk disk, string path, CrashingFile file) : IDiskFile
    {
        private bool isClosed;

        public DiskError Length(out long length)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            lock (disk.sync)
                length = file.Length;
            return DiskError.None;
        }

        public DiskError Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            var octets = new byte[pieces.Sum(piece => piece.Length)];
            var at = 0;
            foreach (var piece in pieces)
            {
                piece.CopyTo(octets.AsMemory(at));
                at += piece.Length;
            }
            var error = disk.Begin(DiskCall.Write, path);
            lock (disk.sync)
            {
                var growth = offset + octets.Length - file.Length;
                if (!error.IsError && growth > 0 && disk.UsedNow() + growth > disk.Capacity)
                    error = FullDisk;
                // A write that fails may have begun.
                var written = !error.IsError ? octets.Length : disk.IsWritingNothingOnError ? 0 : disk.random.Next(octets.Length);
                file.Write(offset, octets[..written]);
                return error;
            }
        }

        public DiskError WriteBlocks(long offset, ReadOnlyMemory<byte> blocks)
        {
            // A real disk would fall back, unseen but for the time that it takes.
            var place = MemoryMarshal.TryGetArray(blocks, out var array) ? Marshal.UnsafeAddrOfPinnedArrayElement(array.Array!, array.Offset) : 1;
            if ((offset | (long)blocks.Length | place) % BlockSize != 0)
                throw new ArgumentException("Offset, length and memory of blocks are multiples of 4,096.", nameof(blocks));
            return Write(offset, [blocks]);
        }

        public DiskError Read(long offset, Span<byte> buffer, out int read)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            lock (disk.sync)
                read = file.Read(offset, buffer);
            return DiskError.None;
        }

        public DiskError SyncData()
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            var error = disk.Begin(DiskCall.SyncData, path);
            lock (disk.sync)
            {
                if (error.IsError)
                    file.SyncFailed(disk.random);
                else if (!disk.LiesAboutData)
                    file.Sync();
                return error;
            }
        }

        public DiskError SetLength(long length)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            lock (disk.sync)
                file.SetLength(length);
            return DiskError.None;
        }

        public void Dispose() => isClosed = true;
    }
}
