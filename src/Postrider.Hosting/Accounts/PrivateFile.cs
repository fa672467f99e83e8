using System.ComponentModel;
using Postrider.Queue.Disk;

namespace Postrider.Hosting.Accounts;

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFile
{
    /// <summary>Puts a file in the place of another, mode 0600, durable, whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written, or another command writes it; the message says which.</exception>
    public static void Replace(string path, byte[] content, IDisk disk)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Check(disk.CreateDirectory(folder), folder);
        var fresh = path + ".new";
        var error = disk.Open(fresh, FileUse.CreateNew, out var file);
        if (error.IsExisting)
            throw new IOException($"{fresh}: another command is about to change {Path.GetFileName(path)}; where none is, remove this file.");
        Check(error, fresh);
        try
        {
            using (file)
            {
                Check(file!.Write(0, [content]), fresh);
                Check(file.SyncData(), fresh);
            }
            Check(disk.Rename(fresh, path), path);
        }
        catch (IOException)
        {
            disk.Delete(fresh);
            throw;
        }
        Check(disk.SyncDirectory(folder), folder);
    }

    private static void Check(DiskError error, string path)
    {
        if (error.IsError)
            throw new IOException($"{path}: {new Win32Exception(error.Number).Message}.");
    }
}
