namespace Postrider.Delivery.Routing;

/// <summary>Where mail goes: one of the targets beside this file. Two targets are the same place when their keys are equal.</summary>
public abstract class RouteTarget
{
    private protected RouteTarget(string key) => Key = key;

    /// <summary>
    /// An opaque key, stable over restarts. Recipients whose keys are equal may travel in one envelope,
    /// and in one transaction.
    /// </summary>
    public string Key { get; }

    /// <summary>Whether it is on this machine: attempts cost no connection, and there is no peer to spare.</summary>
    public virtual bool IsLocal => false;

    /// <inheritdoc/>
    public override string ToString() => Key;
}
