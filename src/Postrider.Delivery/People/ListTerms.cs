namespace Postrider.Delivery.People;

/// <summary>What is said of a mailing list.</summary>
public sealed record ListTerms
{
    /// <summary>The name as people write it, or null.</summary>
    public string? FullName { get; init; }

    /// <summary>Who is told of failures: a local part or an address. A list has one (RFC 5321 §3.9.2).</summary>
    public string Owner { get; init; } = "";

    /// <summary>The members: local parts, addresses, or <c>Full Name &lt;address&gt;</c>; at least one, lists among them.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}
