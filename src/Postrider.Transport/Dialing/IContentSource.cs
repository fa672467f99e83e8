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

    /// <summary>The same message as a server can take it, which does not take it as it is (RFC 6152 §3, RFC 3030 §3).</summary>
    /// <param name="takesEightBit">Whether the server takes octets above 127; nothing but lines is taken in any case.</param>
    /// <param name="takesUtf8Header">Whether it takes header sections in UTF-8.</param>
    /// <param name="mostParts">How many parts of it may be looked at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>This one where nothing has to change; null where it cannot be converted, which is so unless a source says otherwise.</returns>
    ValueTask<IContentSource?> ConvertAsync(bool takesEightBit, bool takesUtf8Header, int mostParts, CancellationToken cancellationToken = default) => new((IContentSource?)null);
}
