using System.Globalization;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>Puts what is damaged where it is out of the way but not lost.</summary>
internal static class Quarantine
{
    // What is copied of one damaged place, at the most.
    private const long LargestCopy = 1 << 20;

    /// <summary>Moves and copies what a recovery found damaged, and removes what an interrupted run left.</summary>
    /// <param name="folder">The spool's folder.</param>
    /// <param name="index">What is in force.</param>
    /// <param name="files">What is damaged as a whole.</param>
    /// <param name="damage">Damaged places.</param>
    public static void Fill(SpoolFolder folder, SpoolIndex index, IReadOnlyList<string> files, IReadOnlyList<SpoolDamage> damage)
    {
        foreach (var path in files)
            _ = folder.Disk.Rename(path, Path.Combine(folder.Damaged, Path.GetFileName(path)));
        foreach (var part in damage.Where(part => part.Length > 0))
            Copy(folder, part);
        foreach (var name in folder.List(folder.Snapshots).Where(name => name.EndsWith(SpoolFolder.Partial, StringComparison.Ordinal)))
            _ = folder.Disk.Delete(Path.Combine(folder.Snapshots, name));
        foreach (var name in folder.List(folder.Spills))
        {
            var slot = SpoolId.TryParse(name, out var id) ? index.Bodies.Find(id.Value) : -1;
            if (slot < 0 || !index.Bodies[slot].At.IsSpill)
                _ = folder.Disk.Delete(Path.Combine(folder.Spills, name));
        }
        _ = folder.Disk.SyncDirectory(folder.Damaged);
    }

    private static void Copy(SpoolFolder folder, SpoolDamage damage)
    {
        var octets = new byte[Math.Min(damage.Length, LargestCopy)];
        if (folder.Disk.Open(damage.File, FileUse.Read, out var source).IsError)
            return;
        int read;
        using (source)
            _ = source!.Read(damage.Offset, octets, out read);
        var name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(damage.File)}-{damage.Offset:x8}");
        if (read == 0 || folder.Disk.Open(Path.Combine(folder.Damaged, name), FileUse.CreateNew, out var target).IsError)
            return;
        using (target)
        {
            _ = target!.Write(0, [octets.AsMemory(0, read)]);
            _ = target.SyncData();
        }
    }
}
