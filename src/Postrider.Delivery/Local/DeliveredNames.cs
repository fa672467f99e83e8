using Postrider.Queue.Disk;

namespace Postrider.Delivery.Local;

/// <summary>
/// Answers whether an earlier attempt has put a message into a mailbox already (rule 20). Only mail
/// that was accepted before this run, or whose end in this run is unknown, can have been: the usual
/// delivery asks nothing of the disk. A mailbox is listed once for all mail of earlier runs.
/// </summary>
internal sealed class DeliveredNames(IDisk disk, DateTimeOffset startOfRun)
{
    // About 24 MB; lists are made again when they are needed again.
    private const int MostKept = 1_000_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<HashSet<MaildirNameKey>>> earlier = new(StringComparer.Ordinal);
    private readonly HashSet<string> unknown = new(StringComparer.Ordinal);
    private int kept;

    /// <summary>Notes that a file may be in its mailbox, though its delivery was reported as failed.</summary>
    public void NoteUnknown(MaildirFile file)
    {
        lock (gate)
            unknown.Add(file.NewPath);
    }

    /// <summary>Notes that a file is known to be in its mailbox.</summary>
    public void NoteKnown(MaildirFile file)
    {
        lock (gate)
            unknown.Remove(file.NewPath);
    }

    /// <summary>Whether the file is in <c>new/</c> or <c>cur/</c>.</summary>
    public async ValueTask<bool> ContainsAsync(MaildirFile file, DateTimeOffset arrived)
    {
        if (!MaildirName.TryParse(file.Name, out var key))
            return false;
        Task<HashSet<MaildirNameKey>>? names = null;
        lock (gate)
        {
            if (!unknown.Contains(file.NewPath))
            {
                if (arrived > startOfRun)
                    return false;
                if (!earlier.TryGetValue(file.Folder, out names))
                {
                    if (kept > MostKept)
                    {
                        earlier.Clear();
                        kept = 0;
                    }
                    names = ListAsync(file.Folder);
                    earlier.Add(file.Folder, names);
                }
            }
        }
        if (names is null)
            return (await ListAsync(file.Folder)).Contains(key);
        try
        {
            return (await names).Contains(key);
        }
        catch (IOException)
        {
            lock (gate)
                earlier.Remove(file.Folder);
            throw;
        }
    }

    private async Task<HashSet<MaildirNameKey>> ListAsync(string folder)
    {
        var names = await disk.RunAsync(() =>
        {
            // new/ first: a reader that moves a file meanwhile moves it to where it is looked for next.
            var found = new HashSet<MaildirNameKey>();
            AddFrom(Path.Join(folder, "new"), found);
            AddFrom(Path.Join(folder, "cur"), found);
            return found;
        });
        lock (gate)
            kept += names.Count;
        return names;
    }

    private void AddFrom(string folder, HashSet<MaildirNameKey> found)
    {
        var error = disk.List(folder, out var names);
        if (error.IsError && !error.IsNotFound)
            throw new IOException($"{folder} cannot be listed to see what has been delivered: error {error.Number}");
        foreach (var name in names)
        {
            if (MaildirName.TryParse(name, out var key))
                found.Add(key);
        }
    }
}
