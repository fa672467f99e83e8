using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Postrider.Delivery.Relay;

namespace Postrider.Hosting.Resolution;

/// <summary>
/// Finds the addresses of configured hosts by the system's resolver, hosts file included. An answer
/// is kept for a while, since a queue under load asks for the same few names again and again.
/// </summary>
/// <param name="time">The clock by which answers grow old.</param>
/// <param name="keep">How long an answer is kept; 30 seconds when null. Failures are not kept.</param>
public sealed class SystemHostResolver(TimeProvider time, TimeSpan? keep = null) : IHostResolver
{
    private readonly TimeSpan keep = keep ?? TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, (long Asked, HostAddresses Found)> known = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public async ValueTask<HostAddresses> ResolveAsync(string host, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        if (known.TryGetValue(host, out var kept) && time.GetElapsedTime(kept.Asked) < keep)
            return kept.Found;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            var found = new HostAddresses([.. addresses]);
            known[host] = (time.GetTimestamp(), found);
            return found;
        }
        catch (SocketException e)
        {
            return new HostAddresses([], $"Cannot find the address of {host}: {e.Message}");
        }
        catch (ArgumentException e)
        {
            // A name that is too long, which no configuration check can be trusted to have seen.
            return new HostAddresses([], $"Cannot look up {host}: {e.Message}");
        }
    }
}
