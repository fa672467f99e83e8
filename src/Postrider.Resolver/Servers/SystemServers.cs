using System.Collections.Immutable;
using System.Net;

namespace Postrider.Resolver.Servers;

/// <summary>The servers that the system asks (resolv.conf(5)).</summary>
public static class SystemServers
{
    private const int Port = 53;

    /// <summary>Reads them from <c>/etc/resolv.conf</c>; where there is none, the server on this machine, as the system's own resolver does.</summary>
    public static ImmutableArray<IPEndPoint> Read() =>
        Parse(File.Exists("/etc/resolv.conf") ? File.ReadAllText("/etc/resolv.conf") : "");

    internal static ImmutableArray<IPEndPoint> Parse(string text)
    {
        var servers = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var words = line.ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var parsed))
                servers.Add(new IPEndPoint(parsed, Port));
        }
        return servers.Count == 0 ? [new IPEndPoint(IPAddress.Loopback, Port)] : servers.ToImmutable();
    }
}
