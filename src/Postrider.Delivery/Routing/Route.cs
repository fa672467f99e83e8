namespace Postrider.Delivery.Routing;

/// <summary>Where mail for one mailbox goes.</summary>
/// <param name="Target">The place.</param>
/// <param name="IsDefault">
/// No rule names the domain: the mail is for somebody else and passed on. Who may ask for that is a
/// matter of policy; to let everybody is an open relay.
/// </param>
public readonly record struct Route(RouteTarget Target, bool IsDefault);
