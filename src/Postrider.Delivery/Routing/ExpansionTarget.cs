namespace Postrider.Delivery.Routing;

/// <summary>Where aliases, lists and forwards become the recipients behind them.</summary>
public sealed class ExpansionTarget : RouteTarget
{
    /// <summary>The key of what is to be expanded.</summary>
    public const string ExpansionKey = "expand:";

    internal ExpansionTarget(RoutingTable routes)
        : base(ExpansionKey) => Routes = routes;

    /// <inheritdoc/>
    public override bool IsLocal => true;

    /// <summary>The table that says who is here and where the recipients behind them go.</summary>
    internal RoutingTable Routes { get; }
}
