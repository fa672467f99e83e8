using System.Security.Cryptography;
using Postrider.Hosting.Accounts;
using Postrider.Queue.Disk;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;

namespace Postrider.Hosting;

/// <summary>The data folder, locked for the life of this object (rule 6), and the spool in it.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly DataFolderLock folderLock;

    /// <summary>Makes the folder where there is none, and takes its lock.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="command">What this process does, for the message that a second start shows.</param>
    /// <exception cref="DataFolderInUseException">Another process has it; the message names it.</exception>
    public DataFolder(string path, string command)
    {
        Path = path;
        folderLock = DataFolderLock.Take(path, command);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The spool in it, not opened yet.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bodyMemory">Octets of memory for bodies that are not committed; the spool's own default when null.</param>
    public ISpool MakeSpool(IDisk disk, TimeProvider time, long? bodyMemory = null)
    {
        var options = new LogSpoolOptions();
        if (bodyMemory is { } octets)
            options = options with { BodyMemory = octets };
        return new LogSpool(System.IO.Path.Combine(Path, "queue"), options, disk, time);
    }

    /// <summary>A secret of this folder, random and lasting; made at the first call.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="name">The file it is kept in.</param>
    /// <param name="size">Octets of it.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public byte[] Secret(IDisk disk, string name, int size)
    {
        var file = System.IO.Path.Combine(Path, name);
        if (File.Exists(file) && File.ReadAllBytes(file) is { } kept && kept.Length == size)
            return kept;
        var secret = RandomNumberGenerator.GetBytes(size);
        PrivateFile.Replace(file, secret, disk);
        return secret;
    }

    /// <summary>Gives the lock up.</summary>
    public void Dispose() => folderLock.Dispose();
}
