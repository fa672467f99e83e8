namespace Postrider.Queue.Disk;

/// <summary>A data folder belongs to another process, which the message names.</summary>
public sealed class DataFolderInUseException : IOException
{
    /// <summary>Makes the exception without a text.</summary>
    public DataFolderInUseException()
    {
    }

    /// <summary>Makes the exception with a text.</summary>
    public DataFolderInUseException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with the error behind it.</summary>
    public DataFolderInUseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="holder">Process number and command of the holder, as found in its lock file; may be empty.</param>
    public DataFolderInUseException(string folder, string holder)
        : base(holder.Length == 0 ? $"{folder} is in use by another process." : $"{folder} is in use by process {holder}.")
    {
        Holder = holder;
    }

    /// <summary>Process number and command of the holder; empty where unknown.</summary>
    public string Holder { get; } = "";
}
