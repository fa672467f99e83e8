namespace Postrider.Queue.Disk;

/// <summary>An open file. Calls at different offsets may run at the same time; closing is by Dispose.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Its length in octets.</summary>
    DiskError Length(out long length);

    /// <summary>Writes pieces one behind the other, all of them or an error.</summary>
    /// <param name="offset">Where the first octet goes; the file grows as needed.</param>
    /// <param name="pieces">What to write.</param>
    DiskError Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces);

    /// <summary>
    /// Writes past the system's cache where it can, which spares copying and the cache; as <see cref="Write"/> where it
    /// cannot. Durable only with <see cref="SyncData"/>, all the same.
    /// </summary>
    /// <param name="offset">Where the first octet goes, a multiple of 4,096.</param>
    /// <param name="blocks">What to write: its length and its place in memory are multiples of 4,096 too.</param>
    DiskError WriteBlocks(long offset, ReadOnlyMemory<byte> blocks) => Write(offset, [blocks]);

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <param name="offset">Where to begin.</param>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="read">How many octets were read.</param>
    DiskError Read(long offset, Span<byte> buffer, out int read);

    /// <summary>Makes the content, and the length that reading it needs, durable. An error is final for the file.</summary>
    DiskError SyncData();

    /// <summary>
    /// Begins to write out what was written, so that <see cref="SyncData"/> soon after waits less. Promises
    /// nothing and has no error of its own; a system without such a call does nothing.
    /// </summary>
    void StartWriteOut()
    {
    }

    /// <summary>Sets the length; octets added read as zero.</summary>
    DiskError SetLength(long length);
}
