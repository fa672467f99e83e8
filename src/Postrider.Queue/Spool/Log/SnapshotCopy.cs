using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>One snapshot in the making: slice by slice into a file with another name, renamed when it is durable.</summary>
internal sealed class SnapshotCopy : IDisposable
{
    private readonly SpoolFolder folder;
    private readonly SpoolKey key;
    private readonly SpoolIndex index;
    private readonly SnapshotHeader head;
    private readonly int slice;
    private readonly string path;
    private readonly RecordWriter writer = new();
    private IDiskFile? file;
    private int nextBody;
    private int nextEntry;

    public SnapshotCopy(SpoolFolder folder, SpoolKey key, SpoolIndex index, SnapshotHeader head, ulong number, int slice)
    {
        this.folder = folder;
        this.key = key;
        this.index = index;
        this.head = head;
        this.slice = slice;
        path = folder.Snapshot(number);
    }

    public bool IsComplete { get; private set; }

    /// <summary>Octets written.</summary>
    public long Length { get; private set; }

    private string Partial => path + SpoolFolder.Partial;

    public DiskError Open()
    {
        var error = folder.Disk.Open(Partial, FileUse.CreateNew, out file);
        if (error.IsError)
            return error;
        var octets = new byte[SnapshotHeader.Length];
        head.Write(octets, key);
        return Write(octets);
    }

    public DiskError WriteSlice()
    {
        writer.Clear();
        lock (index.Sync)
        {
            // All bodies before the first entry: one that a later record refers to is either here or in the log behind.
            if (nextBody < index.Bodies.End)
            {
                var end = Math.Min(index.Bodies.End, nextBody + slice);
                SnapshotFile.AddBodies(writer, index, nextBody, end, key);
                nextBody = end;
            }
            else if (nextEntry < index.Entries.End)
            {
                var end = Math.Min(index.Entries.End, nextEntry + slice);
                SnapshotFile.AddEntries(writer, index, nextEntry, end, key);
                nextEntry = end;
            }
            else
            {
                SnapshotFile.AddEnd(writer, key);
                IsComplete = true;
            }
        }
        return Write(writer.Memory);
    }

    public DiskError Finish()
    {
        var error = file!.SyncData();
        if (!error.IsError)
            error = folder.Disk.Rename(Partial, path);
        return error.IsError ? error : folder.Disk.SyncDirectory(folder.Snapshots);
    }

    public DiskError Remove()
    {
        _ = folder.Disk.Delete(Partial);
        return folder.Disk.Delete(path);
    }

    public void Dispose()
    {
        file?.Dispose();
        writer.Dispose();
    }

    private DiskError Write(ReadOnlyMemory<byte> octets)
    {
        var error = file!.Write(Length, [octets]);
        Length += octets.Length;
        return error;
    }
}
