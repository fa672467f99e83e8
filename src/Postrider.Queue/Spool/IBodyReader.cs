namespace Postrider.Queue.Spool;

/// <summary>A stored body, held in place while it is open. What it gives has been checked against its checksum.</summary>
public interface IBodyReader : IAsyncDisposable
{
    /// <summary>Octets stored.</summary>
    long Length { get; }

    /// <summary>Reads until the buffer is full or the body ends.</summary>
    /// <param name="offset">Where to begin, 0 to <see cref="Length"/>.</param>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Octets read; 0 only at the end.</returns>
    /// <exception cref="SpoolDamageException">The body is damaged on disk.</exception>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default);
}
