namespace Postrider.Delivery.Routing;

/// <summary>Holds the routing table of now. Who needs one answer for several questions keeps the table it got.</summary>
/// <param name="table">The table to begin with.</param>
public sealed class Router(RoutingTable table)
{
    private volatile RoutingTable current = table;

    /// <summary>The table of now.</summary>
    public RoutingTable Current => current;

    /// <summary>Puts another table in its place. Mail queued under routes that have changed is sorted anew at its next attempt.</summary>
    public void Replace(RoutingTable next)
    {
        ArgumentNullException.ThrowIfNull(next);
        current = next;
    }
}
