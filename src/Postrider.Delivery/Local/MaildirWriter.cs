using Postrider.Queue.Disk;

namespace Postrider.Delivery.Local;

/// <summary>
/// Makes written files durable and visible, a batch at a time: all synced in <c>tmp/</c>, then all
/// renamed into <c>new/</c>, then each directory synced once (rule 20). While a batch is on its way
/// the next one gathers; there is no timer.
/// </summary>
internal sealed class MaildirWriter(IDisk disk, DeliveredNames delivered, MaildirBound? bound)
{
    private const int MostFilesInBatch = 256;

    // A virtual disk, an SSD and a disk array all take several flushes at once, and gain little beyond.
    private const int Lanes = 8;

    // Paths of mailboxes and roots that are known to be durable themselves; about 20 MB at most.
    private const int MostKnownFolders = 100_000;

    // EPERM and EACCES, the same on every Unix.
    private const int NotPermitted = 1;
    private const int NoAccess = 13;

    private readonly Lock gate = new();
    private readonly Queue<Pending> waiting = new();
    private readonly HashSet<string> durableFolders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BoundKeeper> keepers = new(StringComparer.Ordinal);
    private bool isRunning;

    /// <summary>Takes files that have been written, and ends when each is durable in <c>new/</c> or has failed.</summary>
    public Task CommitAsync(IReadOnlyList<MaildirFile> files)
    {
        var pending = new Pending(files);
        lock (gate)
        {
            waiting.Enqueue(pending);
            if (isRunning)
                return pending.Done.Task;
            isRunning = true;
        }
        _ = RunAsync();
        return pending.Done.Task;
    }

    private async Task RunAsync()
    {
        var batch = new List<Pending>();
        var files = new List<MaildirFile>();
        while (Take(batch, files))
        {
            try
            {
                await CommitBatchAsync(files);
                foreach (var pending in batch)
                    pending.Done.SetResult();
            }
#pragma warning disable CA1031 // Nobody is left waiting, whatever happened; who waits throws it on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                foreach (var pending in batch)
                    pending.Done.TrySetException(exception);
            }
            await KeepBoundAsync(files);
        }
    }

    private bool Take(List<Pending> batch, List<MaildirFile> files)
    {
        batch.Clear();
        files.Clear();
        lock (gate)
        {
            while (waiting.TryPeek(out var next) && (files.Count == 0 || files.Count + next.Files.Count <= MostFilesInBatch))
            {
                waiting.Dequeue();
                batch.Add(next);
                files.AddRange(next.Files);
            }
            isRunning = files.Count > 0;
            return isRunning;
        }
    }

    private async Task CommitBatchAsync(List<MaildirFile> files)
    {
        await InLanesAsync(files, SyncFile);
        var folders = files.Where(file => !file.HasFailed).GroupBy(file => file.Folder, StringComparer.Ordinal).Select(group => group.ToArray()).ToList();
        await InLanesAsync(folders, CommitFolder);
    }

    private void SyncFile(MaildirFile file)
    {
        if (file.Handle is null)
            return;
        file.Fail(file.Handle.SyncData(), "be synced");
        if (file.HasFailed)
        {
            file.Discard(disk);
            return;
        }
        file.Handle.Dispose();
        file.Handle = null;
    }

    private void CommitFolder(MaildirFile[] files)
    {
        var folder = files[0].Folder;
        var isInCur = false;
        foreach (var file in files)
        {
            isInCur |= file.IsThereAlready;
            if (!file.IsThereAlready)
                Rename(file);
        }

        var error = disk.SyncDirectory(Path.Join(folder, "new"));
        if (!error.IsError && isInCur)
            error = disk.SyncDirectory(Path.Join(folder, "cur"));
        if (!error.IsError)
            error = SyncFolderItself(files[0]);
        foreach (var file in files)
        {
            if (file.HasFailed)
                continue;
            if (error.IsError)
                delivered.NoteUnknown(file);
            else
                delivered.NoteKnown(file);
            file.Fail(error, "have its folder synced");
        }
    }

    private void Rename(MaildirFile file)
    {
        var error = disk.Rename(file.TemporaryPath, file.NewPath);
        if (error.IsNotFound)
        {
            // Somebody made a mailbox without new/, or removed it.
            file.Fail(MaildirFolders.Create(disk, file.Folder), "be created");
            error = disk.Rename(file.TemporaryPath, file.NewPath);
        }
        file.Fail(error, "take a message");
        file.IsInPlace = !file.HasFailed;
        if (file.HasFailed)
            _ = disk.Delete(file.TemporaryPath);
    }

    /// <summary>Once in a run for each mailbox: that its folder exists, and those above it, has to survive too.</summary>
    private DiskError SyncFolderItself(MaildirFile file)
    {
        if (IsDurable(file.Folder))
            return DiskError.None;
        var error = disk.SyncDirectory(file.Folder);
        var synced = new List<string>();
        for (var folder = file.Folder; !error.IsError && folder.Length >= file.Root.Length && !IsDurable(folder);)
        {
            var isRoot = folder.Length == file.Root.Length;
            var parent = Path.GetDirectoryName(folder);
            if (string.IsNullOrEmpty(parent))
                break;
            error = disk.SyncDirectory(parent);
            // What is above the root was not necessarily made by us: where we may not read it, we did not.
            if (isRoot && (error.Number is NotPermitted or NoAccess))
                error = DiskError.None;
            synced.Add(folder);
            folder = parent;
        }
        // Only now: a folder that is known to be durable vouches for those above it.
        if (!error.IsError)
            NoteDurable(synced);
        return error;
    }

    private bool IsDurable(string folder)
    {
        lock (gate)
            return durableFolders.Contains(folder);
    }

    private void NoteDurable(List<string> folders)
    {
        lock (gate)
        {
            if (durableFolders.Count >= MostKnownFolders)
                durableFolders.Clear();
            durableFolders.UnionWith(folders);
        }
    }

    private async Task KeepBoundAsync(List<MaildirFile> files)
    {
        if (bound is null)
            return;
        foreach (var group in files.GroupBy(file => file.Root, StringComparer.Ordinal))
        {
            if (!keepers.TryGetValue(group.Key, out var keeper))
            {
                keeper = new BoundKeeper(disk, group.Key, bound);
                keepers.Add(group.Key, keeper);
            }
            await keeper.KeepAsync([.. group.Where(file => !file.HasFailed && !file.IsThereAlready)]);
        }
    }

    private async Task InLanesAsync<T>(List<T> work, Action<T> action)
    {
        var lanes = Math.Min(Lanes, work.Count);
        if (lanes <= 1)
        {
            await RunLaneAsync(work, action, 0, 1);
            return;
        }
        var running = new Task[lanes];
        for (var lane = 0; lane < lanes; lane++)
            running[lane] = RunLaneAsync(work, action, lane, lanes).AsTask();
        foreach (var lane in running)
            await lane;
    }

    private ValueTask<bool> RunLaneAsync<T>(List<T> work, Action<T> action, int lane, int lanes) => disk.RunAsync(() =>
    {
        for (var i = lane; i < work.Count; i += lanes)
            action(work[i]);
        return true;
    });

    private sealed class Pending(IReadOnlyList<MaildirFile> files)
    {
        public IReadOnlyList<MaildirFile> Files => files;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
