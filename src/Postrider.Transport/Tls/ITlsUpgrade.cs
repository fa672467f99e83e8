namespace Postrider.Transport.Tls;

/// <summary>
/// Turns a connection into one under TLS. The program has OpenSSL's by way of the runtime (<see cref="SystemTls"/>);
/// a simulation has one that only seems so.
/// </summary>
/// <remarks>
/// From the call on the connection belongs to the upgrade: it is within the transport of an established
/// one, and has been closed where there is none. Time limits are the caller's: cancelling or aborting the
/// connection ends a handshake.
/// </remarks>
public interface ITlsUpgrade
{
    /// <summary>The handshake as server.</summary>
    /// <param name="connection">The connection in the clear, no octet behind it read.</param>
    /// <param name="settings">Certificates, and what is asked of the client.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    ValueTask<TlsHandshake> AcceptAsync(ITransport connection, TlsServerSettings settings, CancellationToken cancellationToken = default);

    /// <summary>The handshake as client.</summary>
    /// <param name="connection">The connection in the clear, no octet behind it read.</param>
    /// <param name="settings">Whom it should be, and whether that is to be proven.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    ValueTask<TlsHandshake> ConnectAsync(ITransport connection, TlsClientSettings settings, CancellationToken cancellationToken = default);
}
