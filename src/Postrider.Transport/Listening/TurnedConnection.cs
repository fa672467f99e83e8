using Postrider.Smtp.Server;

namespace Postrider.Transport.Listening;

/// <summary>
/// A connection whose roles have changed (RFC 821 §3.8): the peer, which opened it, is the server from here on, and
/// greets. Whoever is given it speaks as the client, and is done with it when the call that gave it returns.
/// </summary>
public sealed class TurnedConnection
{
    internal TurnedConnection(ITransport transport, SessionFacts peer, CancellationToken stopping)
    {
        Transport = transport;
        Peer = peer;
        Stopping = stopping;
    }

    /// <summary>The connection, TLS included where it is on. It may be disposed of; if it is not, that is done after the call.</summary>
    public ITransport Transport { get; }

    /// <summary>What was known of the peer when the roles changed.</summary>
    public SessionFacts Peer { get; }

    /// <summary>The server stops: what is under way may be finished, nothing more is to be begun.</summary>
    public CancellationToken Stopping { get; }
}
