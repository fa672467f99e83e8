namespace Postrider.Queue.Spool;

/// <summary>
/// A body on its way into the spool. It stays in pooled memory while it is small and spills to a
/// file of its own when it is not; nothing of it is visible before the commit. Disposing of one
/// that was not committed forgets it.
/// </summary>
public interface IBodyWriter : IAsyncDisposable
{
    /// <summary>Its name, by which the envelopes of the same commit refer to it.</summary>
    SpoolId Id { get; }

    /// <summary>Octets written so far.</summary>
    long Length { get; }

    /// <summary>Appends octets, which are copied.</summary>
    /// <returns>A fault, after which only Dispose is of use.</returns>
    ValueTask<SpoolFault> WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default);
}
