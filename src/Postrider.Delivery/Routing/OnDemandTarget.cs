namespace Postrider.Delivery.Routing;

/// <summary>
/// A place that is not always there: its mail is never tried by itself. It waits until the peer asks for it, by ETRN, by
/// TURN or by ATRN, and is given up after the time that all mail has.
/// </summary>
public sealed class OnDemandTarget : RouteTarget
{
    /// <summary>The key of all such places; the domain tells them apart (<see cref="FetchKey"/>).</summary>
    public const string OnDemandKey = "on-demand:";

    /// <summary>Makes the target.</summary>
    /// <param name="relay">Where the mail goes on demand, or null: it is fetched on a connection that the peer opens, or not at all.</param>
    public OnDemandTarget(RelayTarget? relay)
        : base(OnDemandKey) => Relay = relay;

    /// <summary>Where the mail goes on demand, or null.</summary>
    public RelayTarget? Relay { get; }

    /// <inheritdoc/>
    public override bool IsLocal => true;
}
