using System.Collections.Immutable;
using System.Net;

namespace Postrider.Delivery.Relay;

/// <summary>Finds the addresses of a host.</summary>
public interface IHostResolver
{
    /// <summary>Looks a host up. What goes wrong is in the answer.</summary>
    /// <param name="host">A host name, not an address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<HostAddresses> ResolveAsync(string host, CancellationToken cancellationToken = default);
}

/// <summary>The addresses of a host, or why there are none.</summary>
/// <param name="Addresses">In the order in which they are to be tried; empty where there is a problem.</param>
/// <param name="Problem">What went wrong, in one line, or null.</param>
public readonly record struct HostAddresses(ImmutableArray<IPAddress> Addresses, string? Problem = null);
