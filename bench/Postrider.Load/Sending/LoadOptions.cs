using System.Net;
using Postrider.Load.Accounting;
using Postrider.Load.Sockets;

namespace Postrider.Load.Sending;

/// <summary>What a load is made of.</summary>
internal sealed record LoadOptions
{
    public required IPEndPoint Target { get; init; }

    /// <summary>Connections at once.</summary>
    public int Sessions { get; init; } = 50;

    /// <summary>Octets of a message with its header; several sizes come in turn.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [10 * 1024];

    /// <summary>MAIL, RCPT and DATA in one write.</summary>
    public bool Pipelined { get; init; }

    /// <summary>One connection for many messages.</summary>
    public bool Reuse { get; init; }

    /// <summary>How connections come under TLS, or null: they do not.</summary>
    public TlsClient? Tls { get; init; }

    /// <summary>Whether they do so by STARTTLS, and not from the first octet.</summary>
    public bool UsesStartTls { get; init; }

    public required RecipientPlan Recipients { get; init; }

    public string Sender { get; init; } = "a@example.org";
}
