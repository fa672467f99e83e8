using Postrider.Queue.Disk;

namespace Postrider.Delivery.Local;

/// <summary>Makes mailboxes.</summary>
internal static class MaildirFolders
{
    /// <summary>Makes the folders of a mailbox that are not there; they are not yet synced.</summary>
    public static DiskError Create(IDisk disk, string folder)
    {
        foreach (var part in (ReadOnlySpan<string>)["tmp", "new", "cur"])
        {
            var error = disk.CreateDirectory(Path.Join(folder, part));
            if (error.IsError && !error.IsExisting)
                return error;
        }
        return DiskError.None;
    }
}
