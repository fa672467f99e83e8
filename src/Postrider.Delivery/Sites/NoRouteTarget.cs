using Postrider.Delivery.Routing;

namespace Postrider.Delivery.Sites;

/// <summary>Where mail is that was accepted under a route which no longer exists: it waits for another.</summary>
internal sealed class NoRouteTarget : RouteTarget
{
    public static readonly NoRouteTarget Instance = new();

    private NoRouteTarget()
        : base(RoutingTable.NoRouteKey)
    {
    }

    public override bool IsLocal => true;
}
