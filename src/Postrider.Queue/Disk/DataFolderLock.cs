using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Postrider.Queue.Disk;

/// <summary>
/// The lock on a data folder (rule 6): an advisory lock of the operating system on the file <c>lock</c>
/// in it, which ends with the process however that ends. Two spools are never open in one folder.
/// </summary>
public sealed class DataFolderLock : IDisposable
{
    /// <summary>The name of the file in the data folder.</summary>
    public const string FileName = "lock";

    private readonly IDiskFile file;

    private DataFolderLock(IDiskFile file) => this.file = file;

    /// <summary>Takes the lock, and makes the folder where it is not there.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="command">What this process does, for the message that a second start shows.</param>
    /// <exception cref="DataFolderInUseException">Another process has it; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static DataFolderLock Take(string folder, string command)
    {
        var path = Path.Combine(folder, FileName);
        Check(path, new UnixDisk().CreateDirectory(folder));
        Check(path, UnixDisk.OpenLocked(path, out var file, out var isHeld));
        try
        {
            if (isHeld)
                throw new DataFolderInUseException(folder, ReadHolder(file!));
            var line = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} ({command})\n"));
            Check(path, file!.SetLength(0));
            Check(path, file.Write(0, [line]));
            return new DataFolderLock(file);
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>Gives the lock up. The file stays: removing it could remove another's.</summary>
    public void Dispose() => file.Dispose();

    private static string ReadHolder(IDiskFile file)
    {
        Span<byte> line = stackalloc byte[200];
        _ = file.Read(0, line, out var read);
        return Encoding.UTF8.GetString(line[..read]).Trim();
    }

    private static void Check(string path, DiskError error)
    {
        if (error.IsError)
            throw new IOException($"{path} cannot be locked: {Marshal.GetPInvokeErrorMessage(error.Number)}.");
    }
}
