using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>One snapshot in the making: slice by slice into a file with another name, renamed when it is durable.</summary>
internal sealed class SnapshotCopy : IDisposable
{
    private readonly SpoolFolder _folder;
    private readonly SpoolKey _key;
    private readonly SpoolIndex _index;
    private readonly SnapshotHeader _head;
    private readonly int _slice;
    private readonly string _path;
    private readonly RecordWriter _writer = new();
    private IDiskFile? _file;
    private int _nextBody;
    private int _nextEntry;

    public SnapshotCopy(SpoolFolder folder, SpoolKey key, SpoolIndex index, SnapshotHeader head, ulong number, int slice)
    {
        _folder = folder;
        _key = key;
        _index = index;
        _head = head;
        _slice = slice;
        _path = folder.Snapshot(number);
    }

    public bool IsComplete { get; private set; }

    /// <summary>Octets written.</summary>
    public long Length { get; private set; }

    private string Partial => _path + SpoolFolder.Partial;

    public DiskError Open()
    {
        var error = _folder.Disk.Open(Partial, FileUse.CreateNew, out _file);
        if (error.IsError)
            return error;
        var head = new byte[SnapshotHeader.Length];
        _head.Write(head, _key);
        return Write(head);
    }

    public DiskError WriteSlice()
    {
        _writer.Clear();
        lock (_index.Sync)
        {
            // All bodies before the first entry: one that a later record refers to is either here or in the log behind.
            if (_nextBody < _index.Bodies.End)
            {
                var end = Math.Min(_index.Bodies.End, _nextBody + _slice);
                SnapshotFile.AddBodies(_writer, _index, _nextBody, end, _key);
                _nextBody = end;
            }
            else if (_nextEntry < _index.Entries.End)
            {
                var end = Math.Min(_index.Entries.End, _nextEntry + _slice);
                SnapshotFile.AddEntries(_writer, _index, _nextEntry, end, _key);
                _nextEntry = end;
            }
            else
            {
                SnapshotFile.AddEnd(_writer, _key);
                IsComplete = true;
            }
        }
        return Write(_writer.Memory);
    }

    public DiskError Finish()
    {
        var error = _file!.SyncData();
        if (!error.IsError)
            error = _folder.Disk.Rename(Partial, _path);
        return error.IsError ? error : _folder.Disk.SyncDirectory(_folder.Snapshots);
    }

    public DiskError Remove()
    {
        _ = _folder.Disk.Delete(Partial);
        return _folder.Disk.Delete(_path);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _writer.Dispose();
    }

    private DiskError Write(ReadOnlyMemory<byte> octets)
    {
        var error = _file!.Write(Length, [octets]);
        Length += octets.Length;
        return error;
    }
}
