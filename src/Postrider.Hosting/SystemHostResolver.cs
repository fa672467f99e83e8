using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Postrider.Delivery.Relay;

namespace Postrider.Hosting;

/// <summary>Finds hosts as the system does (hosts file, DNS), in the order of addresses that it prefers.</summary>
internal sealed class SystemHostResolver : IHostResolver
{
    public async ValueTask<HostAddresses> ResolveAsync(string host, CancellationToken cancellationToken = default)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            return addresses.Length == 0
                ? new HostAddresses([], $"{host} has no address")
                : new HostAddresses([.. addresses]);
        }
        catch (SocketException e)
        {
            return new HostAddresses([], $"{host} cannot be resolved: {e.Message}");
        }
    }
}
