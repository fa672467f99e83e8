using System.Globalization;
using System.Net;

namespace Postrider.Delivery.Routing;

/// <summary>A server that mail is relayed to. Names compare without regard to case.</summary>
public readonly record struct RelayHost
{
    /// <summary>The port of mail between servers (RFC 5321 §4.5.4.2).</summary>
    public const int DefaultPort = 25;

    /// <summary>Names a server.</summary>
    /// <param name="host">A host name, or an address without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    public RelayHost(string host, int port = DefaultPort)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        Host = host.ToLowerInvariant();
        Port = port;
    }

    /// <summary>A host name in lower case, or an address without brackets.</summary>
    public string Host { get; }

    /// <summary>1 to 65535.</summary>
    public int Port { get; }

    /// <summary><c>host:port</c>, with brackets around an IPv6 address.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
