using System.Globalization;
using System.Runtime.InteropServices;
using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>Where the files of a log spool lie.</summary>
internal sealed class SpoolFolder(string path, IDisk disk)
{
    public const string Partial = ".new";

    public IDisk Disk { get; } = disk;

    public string Path { get; } = path;

    /// <summary>Key and epoch of the spool.</summary>
    public string Identity { get; } = System.IO.Path.Combine(path, "identity");

    public string Segments { get; } = System.IO.Path.Combine(path, "segments");

    /// <summary>Bodies in files of their own, by their identifiers.</summary>
    public string Spills { get; } = System.IO.Path.Combine(path, "spill");

    public string Snapshots { get; } = System.IO.Path.Combine(path, "snapshots");

    /// <summary>What was found damaged and set aside.</summary>
    public string Damaged { get; } = System.IO.Path.Combine(path, "damaged");

    public string Segment(uint fileNumber) =>
        System.IO.Path.Combine(Segments, fileNumber.ToString("x8", CultureInfo.InvariantCulture));

    public string Spill(ulong body) => System.IO.Path.Combine(Spills, new SpoolId(body).ToString());

    public string Snapshot(ulong sequence) =>
        System.IO.Path.Combine(Snapshots, sequence.ToString("x16", CultureInfo.InvariantCulture));

    /// <summary>Makes folders that are not there yet, durable before it returns.</summary>
    public void Create()
    {
        foreach (var folder in (string[])[Path, Segments, Spills, Snapshots, Damaged])
        {
            if (Disk.Exists(folder))
                continue;
            Check("create", folder, Disk.CreateDirectory(folder));
            // A folder made above it is synced into its own parent as well.
            if (System.IO.Path.GetDirectoryName(folder) is { Length: > 0 } parent)
                Check("sync", parent, Disk.SyncDirectory(parent));
        }
    }

    /// <summary>Names in a folder, in order.</summary>
    public List<string> List(string folder)
    {
        Check("list", folder, Disk.List(folder, out var names));
        return [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>Replaces a small file as a whole, durable before it returns.</summary>
    public DiskError Replace(string path, ReadOnlyMemory<byte> content)
    {
        var partial = path + Partial;
        _ = Disk.Delete(partial);
        var error = Disk.Open(partial, FileUse.CreateNew, out var file);
        if (error.IsError)
            return error;
        using (file)
        {
            error = file!.Write(0, [content]);
            if (!error.IsError)
                error = file.SyncData();
        }
        if (!error.IsError)
            error = Disk.Rename(partial, path);
        return error.IsError ? error : Disk.SyncDirectory(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <summary>Has the disk do something of which nobody waits for the end; it throws nothing.</summary>
    public void Start<T>(Func<T> work) => _ = Disk.RunAsync(work).AsTask();

    /// <summary>Throws where a call failed: which file, and why.</summary>
    public static void Check(string doing, string path, DiskError error)
    {
        if (error.IsError)
            throw new IOException($"Cannot {doing} {path}: {Reason(error)}.");
    }

    public static string Reason(DiskError error) =>
        $"{Marshal.GetPInvokeErrorMessage(error.Number)} (error {error.Number.ToString(CultureInfo.InvariantCulture)})";
}
