namespace Postrider.Delivery.Sites;

/// <summary>A site has changed its state.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Condition">What it was that changed it.</param>
/// <param name="Reason">What the site said or did.</param>
/// <param name="Limit">Attempts at the same time that it gets from now on.</param>
/// <param name="ClosedUntil">Until when it gets none at all, or null.</param>
public readonly record struct SiteChange(string Key, SiteCondition Condition, string Reason, int Limit, DateTimeOffset? ClosedUntil);
