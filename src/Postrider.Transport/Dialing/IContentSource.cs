namespace Postrider.Transport.Dialing;

/// <summary>
/// The content of a message to be sent: header and body as they are, lines ended by CRLF, no dots
/// stuffed. Read to its end once for each server that gets to see it.
/// </summary>
public interface IContentSource
{
    /// <summary>Octets in all.</summary>
    long Length { get; }

    /// <summary>Reads on, until the buffer is full or the content ends.</summary>
    /// <returns>Octets read; 0 only at the end.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Begins again at the start.</summary>
    void Rewind();
}
