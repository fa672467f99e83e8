namespace Postrider.Delivery.Sites;

/// <summary>What an attempt found out about a site as a whole.</summary>
public enum SiteCondition
{
    /// <summary>It took the connection and spoke as it should. Its concurrency may grow.</summary>
    Reached,

    /// <summary>It asks for less: 421, or too many connections. Its concurrency is halved.</summary>
    Busy,

    /// <summary>None of its hosts could be connected to, or spoke SMTP. All its mail waits for a while.</summary>
    Unreachable,
}
