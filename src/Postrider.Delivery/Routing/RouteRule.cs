namespace Postrider.Delivery.Routing;

/// <summary>One line of the routing configuration.</summary>
/// <param name="Pattern">The domains it is for.</param>
/// <param name="Target">Where their mail goes.</param>
public readonly record struct RouteRule(DomainPattern Pattern, RouteTarget Target);
