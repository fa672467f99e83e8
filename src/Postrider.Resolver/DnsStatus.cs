namespace Postrider.Resolver;

/// <summary>How a question ended.</summary>
public enum DnsStatus
{
    /// <summary>There are records.</summary>
    Found,

    /// <summary>The name exists, and has no record of the type (NODATA, RFC 2308 §2.2).</summary>
    NoRecords,

    /// <summary>The name does not exist (NXDOMAIN).</summary>
    NoSuchName,

    /// <summary>It is not known: no server answered, or those that did could not say. Another time it may be.</summary>
    Failed,
}
