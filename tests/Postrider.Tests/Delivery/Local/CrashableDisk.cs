using Postrider.Queue.Disk;

namespace Postrider.Tests.Delivery.Local;

/// <summary>
/// Directories and files in memory that know what has been synced. It dies after a number of changes;
/// a crash then keeps each unsynced name or drops it, and leaves unsynced content torn, as chance has it.
/// </summary>
internal sealed class CrashableDisk : IDisk
{
    private const int InputOutputError = 5;

    private readonly Dictionary<string, Folder> folders = new(StringComparer.Ordinal) { ["/"] = new Folder() };

    /// <summary>Changes until it dies; none are made from then on, and each call fails.</summary>
    public int ChangesLeft { get; set; } = int.MaxValue;

    public int Changes { get; private set; }

    public int DirectorySyncs { get; private set; }

    public int FileSyncs { get; private set; }

    public int MostOpen { get; private set; }

    private int open;

    public int Lists { get; private set; }

    public bool IsDead => ChangesLeft <= 0;

    /// <summary>An error for a call, by its name and path, or none.</summary>
    public Func<string, string, DiskError>? Fault { get; set; }

    public DiskError Open(string path, FileUse use, out IDiskFile? file)
    {
        file = null;
        var (folder, name) = Split(path);
        if (folder is null)
            return Missing;
        if (use != FileUse.CreateNew)
        {
            if (!folder.Current.TryGetValue(name, out var found))
                return Missing;
            file = new OpenFile(this, path, (Content)found);
            return default;
        }
        if (folder.Current.ContainsKey(name))
            return new DiskError(17, IsExisting: true);
        if (Change("create", path) is { IsError: true } error)
            return error;
        var content = new Content();
        folder.Current[name] = content;
        file = new OpenFile(this, path, content);
        return default;
    }

    public DiskError CreateDirectory(string path)
    {
        if (folders.ContainsKey(path))
            return default;
        var error = CreateDirectory(Path.GetDirectoryName(path)!);
        if (error.IsError)
            return error;
        error = Change("mkdir", path);
        if (error.IsError)
            return error;
        var (above, name) = Split(path);
        folders[path] = new Folder();
        above!.Current[name] = folders[path];
        return default;
    }

    public DiskError Rename(string from, string to)
    {
        var (source, oldName) = Split(from);
        var (target, newName) = Split(to);
        if (source is null || target is null || !source.Current.TryGetValue(oldName, out var content))
            return Missing;
        if (Change("rename", to) is { IsError: true } error)
            return error;
        source.Current.Remove(oldName);
        target.Current[newName] = content;
        return default;
    }

    public DiskError Delete(string path)
    {
        var (folder, name) = Split(path);
        if (folder is null || !folder.Current.ContainsKey(name))
            return Missing;
        if (Change("delete", path) is { IsError: true } error)
            return error;
        folder.Current.Remove(name);
        return default;
    }

    public DiskError SyncDirectory(string path)
    {
        if (!folders.TryGetValue(path, out var folder))
            return Missing;
        if (Change("syncdir", path) is { IsError: true } error)
            return error;
        DirectorySyncs++;
        folder.Durable = new Dictionary<string, object>(folder.Current, StringComparer.Ordinal);
        return default;
    }

    public DiskError List(string path, out IReadOnlyList<string> names)
    {
        Lists++;
        names = [];
        if (!folders.TryGetValue(path, out var folder))
            return Missing;
        names = [.. folder.Current.Keys];
        return default;
    }

    public bool Exists(string path)
    {
        var (folder, name) = Split(path);
        return folders.ContainsKey(path) || (folder is not null && folder.Current.ContainsKey(name));
    }

    public DiskError Space(string path, out long free, out long total)
    {
        free = total = long.MaxValue;
        return default;
    }

    public bool IsCopyOnWrite(string path) => false;

    public async ValueTask<T> RunAsync<T>(Func<T> work)
    {
        await Task.Yield();
        return work();
    }

    /// <summary>Every file, by its path.</summary>
    public IEnumerable<(string Path, byte[] Content)> Files() =>
        from folder in folders
        from entry in folder.Value.Current
        where entry.Value is Content
        select (System.IO.Path.Join(folder.Key, entry.Key), ((Content)entry.Value).Octets.ToArray());

    /// <summary>What is found after the power has gone and come back.</summary>
    public CrashableDisk Crash(Random random)
    {
        var after = new CrashableDisk();
        Copy("/", folders["/"], after.folders["/"]);
        return after;

        void Copy(string path, Folder from, Folder to)
        {
            foreach (var name in from.Current.Keys.Union(from.Durable.Keys, StringComparer.Ordinal).ToList())
            {
                var kept = (random.Next(2) == 0 ? from.Current : from.Durable).GetValueOrDefault(name);
                if (kept is Folder folder)
                {
                    var copy = new Folder();
                    after.folders[System.IO.Path.Join(path, name)] = copy;
                    to.Current[name] = to.Durable[name] = copy;
                    Copy(System.IO.Path.Join(path, name), folder, copy);
                }
                else if (kept is Content content)
                {
                    var copy = new Content { IsSynced = true };
                    copy.Octets.AddRange(content.IsSynced ? content.Octets : content.Octets.Take(random.Next(content.Octets.Count + 1)));
                    to.Current[name] = to.Durable[name] = copy;
                }
            }
        }
    }

    private static DiskError Missing => new(2, IsNotFound: true);

    private DiskError Change(string call, string path)
    {
        if (Fault?.Invoke(call, path) is { IsError: true } error)
            return error;
        if (IsDead)
            return new DiskError(InputOutputError);
        ChangesLeft--;
        Changes++;
        return default;
    }

    private (Folder? Folder, string Name) Split(string path) =>
        (folders.GetValueOrDefault(Path.GetDirectoryName(path) ?? "/"), Path.GetFileName(path));

    private sealed class Folder
    {
        public Dictionary<string, object> Current { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, object> Durable { get; set; } = new(StringComparer.Ordinal);
    }

    private sealed class Content
    {
        public List<byte> Octets { get; } = [];

        public bool IsSynced { get; set; }
    }

    private sealed class OpenFile : IDiskFile
    {
        private readonly CrashableDisk disk;
        private readonly string path;
        private readonly Content content;

        public OpenFile(CrashableDisk disk, string path, Content content)
        {
            (this.disk, this.path, this.content) = (disk, path, content);
            disk.MostOpen = Math.Max(disk.MostOpen, ++disk.open);
        }

        public DiskError Length(out long length)
        {
            length = content.Octets.Count;
            return default;
        }

        public DiskError Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
        {
            if (disk.Change("write", path) is { IsError: true } error)
                return error;
            Assert.Equal(content.Octets.Count, offset);
            content.IsSynced = false;
            foreach (var piece in pieces)
                content.Octets.AddRange(piece.ToArray());
            return default;
        }

        public DiskError Read(long offset, Span<byte> buffer, out int read) => throw new NotSupportedException();

        public DiskError SyncData()
        {
            if (disk.Change("sync", path) is { IsError: true } error)
                return error;
            disk.FileSyncs++;
            content.IsSynced = true;
            return default;
        }

        public DiskError SetLength(long length) => throw new NotSupportedException();

        public void Dispose() => disk.open--;
    }
}
