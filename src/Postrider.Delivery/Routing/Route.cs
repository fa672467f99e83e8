namespace Postrider.Delivery.Routing;

/// <summary>Where mail for one mailbox goes.</summary>
/// <param name="Target">The place.</param>
/// <param name="IsDefault">
/// No rule names the domain: the mail is for somebody else and passed on. Who may ask for that is a
/// matter of policy; to let everybody is an open relay.
/// </param>
public readonly record struct Route(RouteTarget Target, bool IsDefault)
{
    /// <summary>The domain, where its mail may be fetched and so is queued apart from that of others; or null.</summary>
    public string? Domain { get; init; }

    /// <summary>The key of the next hop: recipients with equal keys may share an envelope.</summary>
    public string Key => Domain is null ? Target.Key : FetchKey.Of(Domain, Target.Key);
}
