namespace Postrider.Resolver.Records;

/// <summary>The types of records that are asked for (RFC 1035 §3.2.2, RFC 3596 §2.1).</summary>
public enum RecordType
{
    /// <summary>No type; nothing is asked for with it.</summary>
    None = 0,

    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>The name that an address goes by.</summary>
    Ptr = 12,

    /// <summary>A host that takes mail for a domain.</summary>
    Mx = 15,

    /// <summary>Text.</summary>
    Txt = 16,

    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,
}
